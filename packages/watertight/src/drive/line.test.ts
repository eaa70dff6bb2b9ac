import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { openLine, type Line } from './line.ts';

const leftovers: (() => void)[] = [];
afterEach(() => {
  for (const end of leftovers.splice(0).toReversed()) end();
});

async function serverThat(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    leftovers.push(() => socket.destroy());
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  leftovers.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

async function lineTo(port: number): Promise<{ line: Line; socket: Socket }> {
  const line = await openLine('127.0.0.1', port);
  leftovers.push(() => void line.dispose());
  const socket = line.dial();
  await line.whenReady;
  return { line, socket };
}

/** Resolves with the server's end of the next connection. */
function nextSocket(): { take: (socket: Socket) => void; socket: Promise<Socket> } {
  let take: (socket: Socket) => void = () => undefined;
  const socket = new Promise<Socket>((resolve) => (take = resolve));
  return { take, socket };
}

test('[D7] a line that is reset and disposed while its FIN is on its way still ends', async () => {
  const { port } = await serverThat(() => undefined);
  const { line } = await lineTo(port);
  const halfClosed = line.halfClose();
  line.reset();
  await line.dispose();
  await halfClosed;
});

test('[D1] a line forwards both ways and knows the port the server sees', async () => {
  const { take, socket: accepted } = nextSocket();
  const { port } = await serverThat(take);
  const { line, socket } = await lineTo(port);
  const server = await accepted;
  expect(line.upstreamPort).toBe(server.remotePort);
  socket.write('to the server');
  expect(String((await once(server, 'data'))[0])).toBe('to the server');
  server.write('to the client');
  expect(String((await once(socket, 'data'))[0])).toBe('to the client');
});

test('[D2] a FIN of the server is seen as fin, a reset as rst, each with its time', async () => {
  for (const [how, letGo] of [
    ['fin', (socket: Socket) => socket.end()],
    ['rst', (socket: Socket) => socket.resetAndDestroy()],
  ] as const) {
    const { take, socket: accepted } = nextSocket();
    const { port } = await serverThat(take);
    const { line, socket } = await lineTo(port);
    const server = await accepted;
    const beforeMs = performance.now();
    letGo(server);
    const seen = await line.gone(2_000);
    expect(seen?.how).toBe(how);
    expect(seen?.atMs).toBeGreaterThanOrEqual(beforeMs);
    expect(seen?.atMs).toBeLessThanOrEqual(performance.now());
    await new Promise((resolve) => (socket.closed ? resolve(undefined) : socket.once('close', resolve)));
  }
});

test('[D2] a server that never lets go is not seen to let go', async () => {
  const { port } = await serverThat((socket) => socket.resume());
  const { line } = await lineTo(port);
  await line.halfClose();
  expect(await line.gone(60)).toBeUndefined();
});

test('[D3] a half-closed line gives the server an end, and a reset line an ECONNRESET', async () => {
  const first = nextSocket();
  const { port } = await serverThat((socket) => first.take(socket.resume()));
  const { line } = await lineTo(port);
  const ended = once(await first.socket, 'end');
  await line.halfClose();
  await ended;

  const second = nextSocket();
  const { port: port2 } = await serverThat((socket) => second.take(socket.resume()));
  const { line: line2 } = await lineTo(port2);
  const broken = once(await second.socket, 'error');
  line2.reset();
  expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' });
  expect(await line2.gone(5_000)).toBeUndefined();
});

test('[D4] a deaf line drops both directions, sends no FIN, and still sees the server let go', async () => {
  const { take, socket: accepted } = nextSocket();
  const { port } = await serverThat(take);
  const { line, socket } = await lineTo(port);
  const server = await accepted;
  const heard: string[] = [];
  server.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
  let isEnded = false;
  server.on('end', () => (isEnded = true));
  socket.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
  line.goDeaf();
  socket.write('lost');
  server.write('lost too');
  socket.end();
  // The client's socket closes for good before the server is asked, so what would leak through had its chance.
  await new Promise<void>((resolve) => server.write('x'.repeat(100_000), () => resolve()));
  expect(heard).toEqual([]);
  expect(isEnded).toBe(false);
  server.end();
  expect((await line.gone(2_000))?.how).toBe('fin');
});

test('[D5] a stalled line lets the server’s buffers fill, and looks at the deadline whether the server let go', async () => {
  const { take, socket: accepted } = nextSocket();
  const { port } = await serverThat(take);
  const { line } = await lineTo(port);
  const server = await accepted;
  line.stall();
  const chunk = Buffer.alloc(1024 * 1024);
  const fill = (): void => {
    while (server.writable && server.writableLength < 8 * chunk.length) server.write(chunk);
  };
  server.on('drain', fill);
  fill();
  expect(await line.gone(20)).toBeUndefined();
  expect(server.writableLength).toBeGreaterThan(0);
  server.destroy();
  expect(await line.gone(1_000)).toBeDefined();
});

test('[D6] a held request leaves only when it is released', async () => {
  const { take, socket: accepted } = nextSocket();
  const { port } = await serverThat(take);
  const line = await openLine('127.0.0.1', port, { hold: true });
  leftovers.push(() => void line.dispose());
  line.dial().write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const server = await accepted;
  await line.whenReady;
  expect(server.bytesRead).toBe(0);
  line.release();
  expect(String((await once(server, 'data'))[0])).toContain('GET / HTTP/1.1');
});

test('[D7] a disposed line leaves no handle and no timer, and wakes whoever waits', async () => {
  const timersCount = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const { port } = await serverThat((socket) => socket.on('end', () => socket.end()).resume());
  const beforeCount = timersCount();
  const { line, socket } = await lineTo(port);
  const waiting = line.gone(60_000);
  expect(timersCount()).toBe(beforeCount + 1);
  await line.dispose();
  expect(await waiting).toBeUndefined();
  expect(timersCount()).toBe(beforeCount);
  expect(socket.closed).toBe(true);
});
