import { once } from 'node:events';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { type Guard, type GuardOptions, guard } from '../src/adapters/ws.ts';
import { createManagerFactory } from '../src/factory.ts';
import type { ManagerFactory } from '../src/manager-factory.ts';
import type { Manager } from '../src/manager.ts';
import type { ManagerFactoryOptions } from '../src/options.ts';
import { type Reported, atEnd } from './factory-kit.ts';
import { RawClient } from './raw-client.ts';

export interface Session {
  readonly webSocket: WebSocket;
  readonly manager: Manager;
}

export interface GuardedServer {
  readonly server: Server;
  readonly wss: WebSocketServer;
  readonly factory: ManagerFactory;
  readonly guard: Guard;
  readonly port: number;
  readonly sessions: readonly Session[];
  readonly errors: readonly Reported[];
  raw(): Promise<RawClient>;
  /** A client whose handshake is under way. */
  dial(user: string, path?: string): WebSocket;
  /** A client that is connected. */
  client(user: string): Promise<WebSocket>;
}

const HOST = '127.0.0.1';

export function userOf(request: IncomingMessage): string | null {
  return new URL(request.url ?? '/', 'http://host').searchParams.get('user');
}

/** A real server on a free port that echoes; ended after the test, which fails when a socket is left. */
export async function guardedServer(
  options: Partial<GuardOptions> = {},
  factoryOptions: ManagerFactoryOptions = {},
): Promise<GuardedServer> {
  const server = createServer();
  const wss = new WebSocketServer({ noServer: true });
  const errors: Reported[] = [];
  const factory =
    options.factory ??
    createManagerFactory({
      onError: (error, { stage, name }) => errors.push({ error, stage, name }),
      ...factoryOptions,
    });
  const sessions: Session[] = [];
  wss.on('connection', (webSocket: WebSocket, _request: IncomingMessage, manager: Manager) => {
    sessions.push({ webSocket, manager });
    webSocket.on('message', (data, isBinary) => webSocket.send(data as Buffer, { binary: isBinary }));
  });
  const guarding = guard(server, wss, { identify: userOf, ...options, factory });
  server.listen(0, HOST);
  await once(server, 'listening');
  const port = portOf(server);
  const clients: { end: () => void }[] = [];
  closeAtEnd({ clients, guard: guarding, factory, wss, server });
  const dial = (user: string, path = '/'): WebSocket => {
    const webSocket = new WebSocket(`ws://${HOST}:${port}${path}?user=${encodeURIComponent(user)}`);
    webSocket.on('error', () => undefined);
    clients.push({ end: () => webSocket.terminate() });
    return webSocket;
  };
  return {
    server,
    wss,
    factory,
    guard: guarding,
    port,
    sessions,
    errors,
    dial,
    client: async (user) => {
      const webSocket = dial(user);
      await once(webSocket, 'open');
      return webSocket;
    },
    raw: async () => {
      const client = await RawClient.open(port);
      clients.push({ end: () => client.socket.destroy() });
      return client;
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** At the end of the test everything is closed, and nobody may be left. */
export function closeAtEnd({
  clients,
  guard: guarding,
  factory,
  wss,
  server,
}: Pick<GuardedServer, 'guard' | 'factory' | 'wss' | 'server'> & {
  readonly clients: readonly { end(): void }[];
}): void {
  atEnd(async () => {
    for (const { end } of clients) end();
    guarding.close();
    await factory.close();
    wss.close();
    server.close();
    await until(async () => (await socketCount(server)) === 0, 'all sockets of the server are gone');
  });
}

export function socketCount(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

/** A look after which the next one comes later than this was held up: by a machine, or a loop, that stood still. */
const MAX_TURN_MS = 20;

/** Looks again and again until it is so; fails when it did not come true in `withinMs` in which this process ran. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string, withinMs = 5000): Promise<void> {
  let ranMs = 0;
  for (;;) {
    const lookedAtMs = performance.now();
    if (await isSo()) return;
    if (ranMs > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    // What takes longer is asked less often: most of those who are asked are processes.
    await new Promise((resolve) => setTimeout(resolve, ranMs < 100 ? 2 : 10));
    ranMs += Math.min(performance.now() - lookedAtMs, MAX_TURN_MS);
  }
}

/** How a client saw its attempt end. */
export async function outcomeOf(
  webSocket: WebSocket,
): Promise<{ readonly status?: number; readonly code?: number; readonly reason?: string }> {
  return new Promise((resolve) => {
    webSocket.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
    });
    webSocket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
}

/** Nobody holds anything any more. */
export function nothingHeld({ factory, guard: guarding }: GuardedServer): boolean {
  const { active, pending, closing, connections } = factory.stats();
  return active + pending + closing + connections + guarding.pendingCount === 0;
}
