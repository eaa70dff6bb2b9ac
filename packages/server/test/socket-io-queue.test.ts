import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { expect, test, vi } from 'vitest';
import { type Guard, guardEngine, namespaceGuard } from '../src/adapters/socket-io.ts';
import { createManagerFactory } from '../src/factory.ts';
import type { ManagerFactory } from '../src/manager-factory.ts';
import type { ManagerFactoryOptions } from '../src/options.ts';
import { atEnd } from './factory-kit.ts';
import { until } from './guarded-server.ts';
import { RawClient, TEXT, frame } from './raw-client.ts';

const QUIET = { pingInterval: 1_000_000, pingTimeout: 1_000_000 };

interface Served {
  readonly factory: ManagerFactory;
  readonly sockets: readonly Socket[];
  readonly port: number;
}

async function serve(where: 'engine' | 'namespace', options: ManagerFactoryOptions): Promise<Served> {
  const factory = createManagerFactory({ heartbeatIntervalMs: false, ...options });
  const server = createServer();
  const io = new Server(server, QUIET);
  const identify = (): string => 'ada';
  let guard: Guard;
  if (where === 'engine') {
    guard = guardEngine(io, { factory, identify });
  } else {
    const ofNamespace = namespaceGuard({ factory, identify });
    io.use(ofNamespace.middleware);
    guard = ofNamespace;
  }
  const sockets: Socket[] = [];
  io.on('connection', (socket) => sockets.push(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  atEnd(async () => {
    guard.close();
    await factory.close();
    await io.close();
    server.closeAllConnections();
  });
  return { factory, sockets, port: (server.address() as AddressInfo).port };
}

/** A client that polls when it is told to. */
async function polling({ port, sockets }: Served): Promise<{ poll(): Promise<string> }> {
  const at = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`;
  const headers = { connection: 'close' };
  const handshake = await (await fetch(at, { headers })).text();
  const { sid } = JSON.parse(handshake.slice(1)) as { sid: string };
  await fetch(`${at}&sid=${sid}`, { method: 'POST', body: '40', headers });
  const poll = async (): Promise<string> => (await fetch(`${at}&sid=${sid}`, { headers })).text();
  await poll();
  await until(() => sockets.length === 1, 'it is in its namespace');
  return { poll };
}

const unsentBytesOf = ({ factory }: Served): number => factory.lookAt('ada').managers[0]?.unsentBytes ?? 0;

test.each(['engine', 'namespace'] as const)(
  '[J43] guarded at the %s, what waits for the next poll keeps its client, and a drain waits until it is fetched',
  async (where) => {
    const served = await serve(where, { idleTimeoutMs: 500 });
    const { factory, sockets } = served;
    const { poll } = await polling(served);
    sockets[0]?.emit('said', 'x'.repeat(1000));
    expect(unsentBytesOf(served)).toBeGreaterThan(1000);
    const sinceMs = performance.now();
    await until(() => performance.now() - sinceMs > 900, 'it was not used for long');
    expect(factory.usage('ada').active).toBe(1);
    const random = vi.spyOn(Math, 'random').mockReturnValue(0);
    const drained = factory.drain({ windowMs: 30_000 });
    random.mockRestore();
    await until(() => performance.now() - sinceMs > 1000, 'its turn has come');
    expect(factory.usage('ada').active).toBe(1);
    expect(await poll()).toContain('said');
    expect(await drained).toMatchObject({ putOff: 1, hardStopped: 0, unsentBytes: 0 });
  },
);

test.each(['engine', 'namespace'] as const)(
  '[J42] guarded at the %s, who does not poll is let go of at maxBufferedBytes',
  async (where) => {
    const served = await serve(where, { maxBufferedBytes: 10_000 });
    const { factory, sockets } = served;
    await polling(served);
    for (let count = 0; count < 9; count += 1) sockets[0]?.emit('said', 'x'.repeat(1000));
    expect(factory.usage('ada').active).toBe(1);
    for (let count = 0; count < 9; count += 1) sockets[0]?.emit('said', 'x'.repeat(1000));
    await until(() => factory.stats().released.total === 1, 'it is let go of');
    expect(factory.stats()).toMatchObject({
      released: { byReason: { 'slow-consumer': 1 } },
      slowConsumers: { terminated: 1 },
    });
  },
);

test('[J42] a packet that is dropped takes its attachments with it, and the client goes on', async () => {
  const served = await serve('engine', {
    maxBufferedBytes: 10_000,
    onSlowConsumer: ({ unsentBytes }) => (unsentBytes > 10_000 ? 'drop' : 'send'),
  });
  const { factory, sockets } = served;
  const { poll } = await polling(served);
  sockets[0]?.emit('first', 'x'.repeat(12_000));
  sockets[0]?.emit('dropped', Buffer.from('one'), Buffer.from('two'));
  expect(await poll()).not.toContain('dropped');
  sockets[0]?.emit('second', Buffer.from('one'), Buffer.from('two'));
  const [packet = '', ...attachments] = (await poll()).split('\u001e');
  // A binary event with two attachments, each in base64 behind a b.
  expect([packet.includes('second'), attachments]).toEqual([true, ['bb25l', 'bdHdv']]);
  expect(factory.stats().slowConsumers.framesDropped).toBe(1);
});

test('[J42] of clients in one connection the manager that came first is asked', async () => {
  const served = await serve('namespace', { maxBufferedBytes: 10_000 });
  const { factory, sockets, port } = served;
  const client = await RawClient.open(port);
  atEnd(() => client.socket.destroy());
  client.upgrade('/socket.io/?EIO=4&transport=websocket');
  await until(() => client.frames.includes('0{"sid"'), 'it is connected');
  client.socket.write(frame(TEXT, '40'));
  await until(() => sockets.length === 1, 'it is in its namespace');
  sockets[0]?.emit('said', 'x'.repeat(20_000));
  await until(() => client.end !== undefined, 'its connection is reset');
  expect(factory.stats().slowConsumers.terminated).toBe(1);
});
