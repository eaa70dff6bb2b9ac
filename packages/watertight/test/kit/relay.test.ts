import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { openRelay, type Relay, type RelayConnection, type RelayEnding } from '../../src/kit.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

interface Seen {
  readonly heard: string[];
  readonly closes: number[];
  readonly errors: string[];
  opened: number;
}

/** An echo, and what it saw of its clients. */
async function echo(): Promise<{ readonly server: Server; readonly seen: Seen }> {
  const seen: Seen = { heard: [], closes: [], errors: [], opened: 0 };
  const server = createServer();
  const sockets = new WebSocketServer({ server, path: '/chat', maxPayload: 2 ** 20 });
  sockets.on('connection', (socket) => {
    seen.opened += 1;
    socket.on('error', (error: NodeJS.ErrnoException) => seen.errors.push(error.code ?? error.message));
    socket.on('close', (code) => seen.closes.push(code));
    socket.on('message', (data: Buffer) => {
      seen.heard.push(String(data));
      socket.send(String(data));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    for (const client of sockets.clients) client.terminate();
    server.close();
  });
  return { server, seen };
}

async function relayTo(server: Server): Promise<Relay> {
  const relay = await openRelay(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/chat?user=ada`);
  ends.push(() => relay.close());
  return relay;
}

/** Resolves once it is open, or has failed to be. */
async function clientOf(relay: Relay): Promise<{ readonly socket: WebSocket; readonly said: string[] }> {
  const socket = new WebSocket(relay.url);
  const said: string[] = [];
  ends.push(() => socket.terminate());
  socket.on('error', (error) => said.push(error.message));
  socket.on('close', (code) => said.push(`close ${code}`));
  await new Promise((resolve) => socket.once('open', resolve).once('error', resolve));
  return { socket, said };
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const beganAtMs = performance.now();
  while (!isSo()) {
    if (performance.now() - beganAtMs > 10_000) throw new Error(`not within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What a server sees of an ending, and how it lets go. */
const ENDINGS: readonly [RelayEnding, Partial<Seen>, 'fin' | 'rst' | undefined][] = [
  ['close-frame', { closes: [1000], errors: [] }, 'fin'],
  ['fin', { closes: [1006], errors: [] }, 'fin'],
  ['rst', { closes: [1006] }, undefined],
  ['protocol-error', { closes: [1006], errors: ['WS_ERR_INVALID_OPCODE'] }, 'fin'],
  ['oversized-frame', { closes: [1006], errors: ['WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'] }, 'fin'],
  ['mid-frame', { closes: [1006] }, undefined],
];

test.each(ENDINGS)('[TK14] an ending by name, %s, comes behind what was said before it', async (ending, seen, how) => {
  const { server, seen: seenNow } = await echo();
  const relay = await relayTo(server);
  const { socket } = await clientOf(relay);
  const connection = await relay.nextConnection();
  expect(connection.serverPort).toBeGreaterThan(0);
  socket.send('before');
  await connection.end(ending);
  await until(() => seenNow.closes.length > 0, 'the server has let go');
  expect(seenNow).toMatchObject({ ...seen, heard: ['before'] });
  if (how !== undefined) expect(await connection.letGo(5_000)).toMatchObject({ how });
  else expect(await connection.letGo(5_000)).toBeUndefined();
  if (how !== undefined) await until(() => relay.connections.length === 0, 'both sides are closed');
});

test.each(['vanish', 'stall'] as const)(
  '[TK14] after %s the server hears nothing, and notices nothing by itself',
  async (ending) => {
    const { server, seen } = await echo();
    const relay = await relayTo(server);
    const { socket } = await clientOf(relay);
    const connection = await relay.nextConnection();
    await connection.end(ending);
    if (ending === 'vanish') socket.terminate();
    else socket.send('still said');
    if (ending === 'stall') await until(() => seen.heard.length === 1, 'a stalled client may still speak');
    expect(await connection.letGo(100)).toBeUndefined();
    expect(seen).toMatchObject({ opened: 1, closes: [] });
  },
);

test('[TK14] the next connection ends in its handshake, before or after the answer, and the one behind it is served', async () => {
  const { server, seen } = await echo();
  const relay = await relayTo(server);
  relay.endNext('abort-in-upgrade');
  relay.endNext('abort-after-response');
  relay.endNext('close-frame');
  const { said: first } = await clientOf(relay);
  expect(first[0]).toMatch(/socket hang up|ECONNRESET/);
  await clientOf(relay);
  await until(() => seen.closes.includes(1006), 'the second was reset behind its answer');
  const { said: third } = await clientOf(relay);
  await until(() => third.length > 0, 'the third was said goodbye to');
  expect(third).toEqual(['close 1000']);
  const { socket } = await clientOf(relay);
  socket.send('served');
  await once(socket, 'message');
  await expect((await relay.nextConnection()).end('abort-in-upgrade')).rejects.toThrow(
    'use relay.endNext("abort-in-upgrade")',
  );
});

test('[TK14] a delay makes both ways late, a trickle takes its time for each byte, and nothing is lost or overtaken', async () => {
  const { server, seen } = await echo();
  const relay = await relayTo(server);
  const { socket } = await clientOf(relay);
  relay.delay(60);
  const saidAtMs = performance.now();
  socket.send('a');
  socket.send('b');
  await once(socket, 'message');
  expect(performance.now() - saidAtMs).toBeGreaterThan(110);
  relay.delay(0);
  relay.trickle(4);
  const trickledAtMs = performance.now();
  socket.send('byte by byte');
  await until(() => seen.heard.length === 3, 'all is heard');
  // Two bytes of head, four of mask, twelve of text; a timer may come a millisecond early.
  expect(performance.now() - trickledAtMs).toBeGreaterThan(17 * 3);
  expect(seen.heard).toEqual(['a', 'b', 'byte by byte']);
  expect(() => relay.delay(-1)).toThrow('delay(-1): expected 0 to 600000 milliseconds');
});

test('[TK14] more than there is room for waits at its sender, and arrives', async () => {
  const { server, seen } = await echo();
  const relay = await relayTo(server);
  const { socket } = await clientOf(relay);
  relay.delay(20);
  const text = 'x'.repeat(512 * 1024);
  socket.send(text);
  await until(() => seen.heard.length === 1, 'all is heard');
  expect(seen.heard[0]).toBe(text);
});

test('[TK14] it is cut, refuses, goes deaf and stalls for all at once, and takes clients again', async () => {
  const { server, seen } = await echo();
  const relay = await relayTo(server);
  const { said } = await clientOf(relay);
  relay.cut();
  await until(() => seen.closes.length === 1 && said.length > 0, 'both sides were reset');
  relay.refuse();
  expect((await clientOf(relay)).said[0]).toMatch(/socket hang up|ECONNRESET/);
  expect(seen.opened).toBe(1);
  relay.refuse(false);
  const { socket, said: third } = await clientOf(relay);
  relay.stall();
  const answered = once(socket, 'message');
  socket.send('now');
  await until(() => seen.heard.length === 1, 'it is heard');
  relay.resume();
  expect(String((await answered)[0])).toBe('now');
  relay.goDeaf();
  socket.send('nobody hears this');
  const deaf: RelayConnection[] = [...relay.connections];
  expect(await deaf.at(-1)?.letGo(50)).toBeUndefined();
  expect([seen.heard, third]).toEqual([['now'], []]);
});

test('[TK14] closing it leaves no handle, and a target that is none is refused', async () => {
  const { server } = await echo();
  const relay = await relayTo(server);
  const { port } = relay;
  relay.delay(10_000);
  const client = connect(port, '127.0.0.1');
  client.on('error', () => undefined);
  await once(client, 'connect');
  client.write('waits');
  await relay.nextConnection();
  const closed = new Promise((resolve) => client.once('close', resolve));
  await Promise.all([closed, relay.close(), relay.close()]);
  await expect(relay.nextConnection(1)).rejects.toThrow('within 1 ms');
  await expect(openRelay('tcp://127.0.0.1')).rejects.toThrow('openRelay("tcp://127.0.0.1"): expected a ws:, wss:');
});
