import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Refusal } from './specimen-admission.ts';
import { SpecimenConnection } from './specimen-connection.ts';
import { nowMs } from './specimen-options.ts';
import type { Specimen } from './specimen.ts';

const MAX_USER_BYTES = 256;
const REFUSAL_LINGER_MS = 200;
const REFUSED_CODE = 4_429;
const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  429: 'Too Many Requests',
};

export interface RunningSpecimen {
  readonly url: string;
  readonly specimen: Specimen;
  close(): Promise<void>;
}

/** Serves a specimen on 127.0.0.1, on a free port unless one is given; the user is the query parameter `user`, or is said as `hello <user>`. */
export async function serveSpecimen(specimen: Specimen, port = 0): Promise<RunningSpecimen> {
  const http = createServer((_request, response) => {
    response.writeHead(426, { connection: 'close' }).end();
  });
  const wss = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  http.on('upgrade', (request, raw, head) => {
    upgrade(specimen, wss, request, raw, head).catch(() => raw.destroy());
  });
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  specimen.start();
  const address = http.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${address.port}/`, specimen, close: () => closeServer(http, specimen) };
}

async function upgrade(
  specimen: Specimen,
  wss: WebSocketServer,
  request: IncomingMessage,
  raw: Duplex,
  head: Buffer,
): Promise<void> {
  const connection = new SpecimenConnection(raw, head, (ended) => specimen.connectionEnded(ended), specimen.intake);
  const user = userOf(request);
  if (user === null) {
    return connection.handOver((early) => {
      wss.handleUpgrade(request, raw, early, (ws) => void meet(specimen, connection, ws));
    });
  }
  if (!isValidUser(user)) return writeRefusal(raw, 400, { reason: 'invalid-user' });
  connection.cookie = request.headers.cookie;
  const remoteAddress = specimen.addresses.of(request);
  const admission = await specimen.admit({ user, ...(remoteAddress && { remoteAddress }) }, { connection });
  if (!admission.admitted) {
    const kind = admission.reason === 'client-left' ? 'destroy' : specimen.answers.spend(nowMs());
    if (kind === 'http') refuse(raw, admission);
    else if (kind === 'destroy') raw.destroy();
    else connection.handOver((early) => wss.handleUpgrade(request, raw, early, (ws) => ws.close(REFUSED_CODE)));
    return;
  }
  connection.handOver((early) => {
    wss.handleUpgrade(request, raw, specimen.early(early), (ws) => specimen.opened(admission.manager, connection, ws));
  });
}

/** Somebody who says first whose it is. */
async function meet(specimen: Specimen, connection: SpecimenConnection, ws: WebSocket): Promise<void> {
  const user = await specimen.nameless.nameOf(connection, ws);
  if (user === undefined || !isValidUser(user)) return specimen.nameless.dismiss(ws);
  const admission = await specimen.admit({ user }, { connection });
  if (admission.admitted) specimen.opened(admission.manager, connection, ws);
  else specimen.nameless.dismiss(ws);
}

function userOf(request: IncomingMessage): string | null {
  return new URL(request.url ?? '/', 'ws://specimen').searchParams.get('user');
}

function isValidUser(user: string): boolean {
  return user.length > 0 && Buffer.byteLength(user) <= MAX_USER_BYTES && !/[\p{Cc}\uFFFD]/u.test(user);
}

function refuse(raw: Duplex, refusal: Refusal): void {
  const { reason, limit, held, retryAfterMs } = refusal;
  writeRefusal(raw, refusal.httpStatus, { reason, limit, held, retryAfterMs }, Math.ceil(retryAfterMs / 1_000));
}

function writeRefusal(
  raw: Duplex,
  status: number,
  body: Readonly<Record<string, unknown>>,
  retryAfterSeconds?: number,
): void {
  const text = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_TEXTS[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...(retryAfterSeconds === undefined ? [] : [`Retry-After: ${retryAfterSeconds}`]),
  ];
  const linger = setTimeout(() => raw.destroy(), REFUSAL_LINGER_MS);
  raw.once('close', () => clearTimeout(linger));
  raw.end(`${lines.join('\r\n')}\r\n\r\n${text}`, () => raw.destroy());
}

async function closeServer(http: Server, specimen: Specimen): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeAllConnections();
  await specimen.close();
  await closed;
}
