import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { openDrive } from './drive.ts';
import { parseIdentity } from './identity.ts';
import type { Attempt, Client, Drive, Ending } from './types.ts';

/** The endings a server can notice by itself, at once. */
const NOTICEABLE_ENDINGS: readonly Ending[] = ['close-frame', 'fin', 'rst', 'abort-in-upgrade', 'protocol-error'];

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of leftovers.splice(0).toReversed()) await end();
});

interface Specimen {
  readonly drive: Drive;
  readonly http: Server;
  readonly wss: WebSocketServer;
  readonly sockets: Set<Duplex>;
}

/** An echo server in this process; `onUpgrade` may answer instead of it. */
async function specimen(
  options: {
    onUpgrade?: (user: string, socket: Duplex) => boolean;
    onConnection?: (ws: WebSocket) => void;
    autoPong?: boolean;
  } = {},
): Promise<Specimen> {
  const http = createServer();
  const wss = new WebSocketServer({ noServer: true, autoPong: options.autoPong ?? true });
  const sockets = new Set<Duplex>();
  http.on('upgrade', (request, socket: Duplex, head) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    const user = new URL(request.url ?? '/', 'http://x').searchParams.get('user') ?? '';
    if (options.onUpgrade?.(user, socket)) {
      // An upgraded socket is nobody's: without these it would not notice that its peer left.
      socket.on('end', () => socket.end()).resume();
      return;
    }
    wss.handleUpgrade(request, socket, head, (ws) => {
      ws.on('error', () => undefined);
      ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
      options.onConnection?.(ws);
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const drive = openDrive(new URL(`ws://127.0.0.1:${address.port}/`), parseIdentity());
  leftovers.push(() => {
    for (const socket of sockets) socket.destroy();
    http.close();
  });
  leftovers.push(() => drive.dispose());
  return { drive, http, wss, sockets };
}

async function admitted(drive: Drive, user: string = drive.userId(1)): Promise<Client> {
  const attempt = await drive.connect(user);
  if (!attempt.admitted) throw new Error(`refused: ${JSON.stringify(attempt)}`);
  return attempt.client;
}

function failureOf(attempt: Attempt): string | undefined {
  return attempt.admitted ? 'admitted' : attempt.failure;
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('not within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const refuse = (socket: Duplex, status: string, body = ''): boolean => {
  socket.end(
    `HTTP/1.1 ${status}\r\nRetry-After: 5\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  return true;
};

test('[D12] a client sends, receives and asks, and misses no frame from the first byte', async () => {
  const { drive } = await specimen({ onConnection: (ws) => ws.send('welcome') });
  const client = await admitted(drive);
  expect(await client.next(1_000)).toBe('welcome');
  client.send('hello');
  expect(await client.next(1_000)).toBe('hello');
  client.send(new Uint8Array([1, 2, 3]));
  expect(await client.next(1_000)).toEqual(new Uint8Array([1, 2, 3]));
  expect(client.received).toHaveLength(3);
  expect(await client.ping(1_000)).toBe(true);
  await expect(client.next(20)).rejects.toThrow('none came within 20 ms');
});

test('[D13] an HTTP refusal comes with status, Retry-After and its JSON body', async () => {
  const { drive } = await specimen({
    onUpgrade: (_user, socket) => refuse(socket, '429 Too Many', '{"reason":"limit"}'),
  });
  expect(await drive.connect('u')).toMatchObject({
    admitted: false,
    httpStatus: 429,
    retryAfter: '5',
    body: { reason: 'limit' },
  });
  expect(drive.openCount).toBe(0);
  expect(drive.madeCount).toBe(1);
});

test('[D13] the body of a refusal is read up to 64 KiB', async () => {
  const { drive } = await specimen({ onUpgrade: (_user, socket) => refuse(socket, '503 Busy', 'x'.repeat(5_000_000)) });
  const attempt = await drive.connect('u');
  expect(attempt.admitted).toBe(false);
  if (!attempt.admitted) expect(String(attempt.body)).toHaveLength(64 * 1024);
});

test('[D14] accepted and closed at once with a code is a refusal with that code', async () => {
  const { drive } = await specimen({ onConnection: (ws) => ws.close(4429, 'limit reached') });
  expect(await drive.connect('u')).toMatchObject({ admitted: false, closeCode: 4429, closeReason: 'limit reached' });
});

test('[D14] accepted, closed with a code and never ended is a refusal all the same', async () => {
  const { drive, sockets } = await specimen({
    onConnection: (ws) => {
      ws.close(1008, 'no');
      for (const socket of sockets) socket.end = () => socket;
    },
  });
  expect(await drive.connect('u', { timeoutMs: 200 })).toMatchObject({ admitted: false, closeCode: 1008 });
});

test('[D14] a server that answers no pings but keeps the connection has admitted', async () => {
  const { drive } = await specimen({ autoPong: false });
  expect((await drive.connect('u', { timeoutMs: 100 })).admitted).toBe(true);
});

test.each([
  ['resets', (socket: Duplex) => (socket as Socket).resetAndDestroy(), /reset|hang up/, 10_000],
  ['ends', (socket: Duplex) => void socket.end(), /hang up/, 10_000],
  ['never answers', () => undefined, /no answer to the upgrade request within 100 ms/, 100],
  [
    'answers nonsense',
    (socket: Duplex) => void socket.end('220 mail.example ESMTP\r\n\r\n'),
    /Parse Error|Expected HTTP/,
    10_000,
  ],
])('[D15] a server that %s is a refusal with the failure named', async (_what, act, failure, timeoutMs) => {
  const { drive } = await specimen({
    onUpgrade: (_user, socket) => {
      act(socket);
      return true;
    },
  });
  const attempt = await drive.connect('u', { timeoutMs });
  expect(failureOf(attempt)).toMatch(failure);
});

test('[D15] nobody listening, and a request that cannot be sent, are refusals with the failure named', async () => {
  const drive = openDrive(new URL('ws://127.0.0.1:1/'), parseIdentity('header:x-user=u{n}'));
  leftovers.push(() => drive.dispose());
  expect(failureOf(await drive.connect('u'))).toContain('ECONNREFUSED');
  const hopeless = openDrive(new URL('ws://127.0.0.1:1/'), {
    ...parseIdentity(),
    applyTo: (url) => ({ url, headers: {}, protocols: ['a b'], firstMessage: undefined }),
  });
  leftovers.push(() => hopeless.dispose());
  expect(failureOf(await hopeless.connect('u'))).toContain('cannot be sent');
});

test('[D16] every ending that can be noticed makes the server’s socket close', async () => {
  const { drive, sockets } = await specimen();
  for (const ending of NOTICEABLE_ENDINGS) {
    if (ending === 'abort-in-upgrade') {
      await drive.abortInUpgrade('u');
    } else {
      const client = await admitted(drive);
      client.send('before');
      const atMs = await client.end(ending);
      expect(client.state).toBe('ended');
      const gone = await client.gone(2_000);
      // After our own reset nothing can be seen on the wire.
      if (ending === 'rst') expect(gone).toBeUndefined();
      else expect(gone?.atMs ?? 0, ending).toBeGreaterThanOrEqual(atMs - 20);
      client.dispose();
    }
    await until(() => sockets.size === 0);
  }
});

test('[D16] what was sent before an ending arrives before it', async () => {
  for (const ending of ['close-frame', 'fin', 'rst', 'protocol-error', 'vanish'] as const) {
    const heard: string[] = [];
    const { drive } = await specimen({
      onConnection: (ws) => ws.on('message', (data) => heard.push((data as Buffer).toString())),
    });
    const client = await admitted(drive);
    client.send('last words');
    await client.end(ending);
    if (ending !== 'rst') await until(() => heard.length === 1);
    client.dispose();
  }
});

test('[D17] a protocol error is refused by the server with 1002', async () => {
  const codes: number[] = [];
  const { drive } = await specimen({ onConnection: (ws) => ws.on('close', (code) => codes.push(code)) });
  const client = await admitted(drive);
  client.send('x'.repeat(300_000));
  await client.end('protocol-error');
  await until(() => client.closedByServer !== undefined);
  expect(client.closedByServer?.code).toBe(1002);
  await until(() => codes.length > 0);
  // The server side of ws calls it 1006: the client sent no close frame.
  expect(codes).toEqual([1006]);
  expect(client.received[0]).toHaveLength(300_000);
});

test('[D18] a vanished client answers nothing, and the server cannot notice', async () => {
  const { drive, wss, sockets } = await specimen();
  const accepted: WebSocket[] = [];
  wss.on('connection', (ws: WebSocket) => accepted.push(ws));
  const client = await admitted(drive);
  client.vanish();
  expect(await client.ping(50)).toBe(false);
  expect(sockets.size).toBe(1);
  expect(await client.gone(30)).toBeUndefined();
  for (const socket of sockets) socket.destroy();
  expect(await client.gone(1_000)).toBeDefined();
});

test('[D18] a stalled client is seen to be let go at the deadline, through the bytes it did not read', async () => {
  const connections: WebSocket[] = [];
  const { drive, sockets } = await specimen({ onConnection: (ws) => connections.push(ws) });
  const client = await admitted(drive);
  client.stall();
  for (const ws of connections) for (let count = 0; count < 64; count += 1) ws.send(Buffer.alloc(1024 * 1024));
  expect(connections[0]?.bufferedAmount).toBeGreaterThan(0);
  for (const socket of sockets) socket.destroy();
  expect(await client.gone(100)).toBeDefined();
});

test('[D21] a stalled client that reads on gets what was held back, and answers again', async () => {
  const connections: WebSocket[] = [];
  const { drive } = await specimen({ onConnection: (ws) => connections.push(ws) });
  const client = await admitted(drive);
  client.stall();
  for (const ws of connections) ws.send('while it did not read');
  expect(await client.ping(50)).toBe(false);
  client.resume();
  expect(await client.next(1_000)).toBe('while it did not read');
  expect(await client.ping(1_000)).toBe(true);
  expect(client.state).toBe('open');
});

test('[D21] what is sent in bulk arrives whole, as often as it was sent', async () => {
  const received: string[] = [];
  const { drive } = await specimen({
    onConnection: (ws) =>
      ws.on('message', (data, isBinary) => received.push(`${isBinary} ${(data as Buffer).toString()}`)),
  });
  const client = await admitted(drive);
  const text = 'é'.repeat(40_000);
  client.send('before');
  client.sendBulk(text, 3);
  client.send('after');
  expect(await client.ping(1_000)).toBe(true);
  expect(received).toEqual(['false before', ...Array.from({ length: 3 }, () => `false ${text}`), 'false after']);
});

test('[D19] requests made at once are all on the wire before the first answer', async () => {
  const waiting: (() => void)[] = [];
  const { drive } = await specimen({
    onUpgrade: (_user, socket) => {
      waiting.push(() => refuse(socket, '429 Too Many'));
      // Answers nobody until all fifty have asked: it would hang if one request waited for another's answer.
      if (waiting.length === 50) for (const answer of waiting) answer();
      return true;
    },
  });
  const attempts = await drive.connectAtOnce('u', 50);
  expect(attempts.map((attempt) => !attempt.admitted && attempt.httpStatus)).toEqual(
    Array.from({ length: 50 }, () => 429),
  );
});

test('[D19] at once and admitted: every one over a connection of its own', async () => {
  const { drive, sockets } = await specimen();
  const attempts = await drive.connectAtOnce('u', 50);
  const ports = attempts.map((attempt) => (attempt.admitted ? attempt.client.localPort : 0));
  expect(new Set(ports).size).toBe(50);
  expect(sockets.size).toBe(50);
  expect(drive.openCount).toBe(50);
});

test('[D20] the drive disposes every client it made, also attempts under way', async () => {
  const { drive, sockets } = await specimen({ onUpgrade: (user) => user === 'never' });
  await admitted(drive);
  const vanished = await admitted(drive);
  vanished.vanish();
  const underWay = drive.connect('never');
  await until(() => sockets.size === 3);
  await drive.dispose();
  expect(await underWay).toMatchObject({ admitted: false, failure: 'given up by the drive' });
  expect(drive.openCount).toBe(0);
  await until(() => sockets.size === 0);
  await expect(drive.connect('u')).rejects.toThrow('disposed');
});
