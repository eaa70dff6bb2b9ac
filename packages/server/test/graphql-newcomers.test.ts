import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type * as Graphql from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { type GraphqlGuard, type GraphqlGuardOptions, guardGraphql } from '../src/adapters/graphql-ws.ts';
import { createManagerFactory } from '../src/factory.ts';
import type { ManagerFactory } from '../src/manager-factory.ts';
import type { ManagerFactoryOptions } from '../src/options.ts';
import { refusalByClose } from './conformance-kit.ts';
import { atEnd, NEVER } from './factory-kit.ts';
import { socketCount, until } from './guarded-server.ts';
import { RawClient, TEXT, frame } from './raw-client.ts';
import { RunClock } from './run-clock.ts';

/** The copy that graphql-ws has; vitest would take another one for an import. */
const { buildSchema } = createRequire(import.meta.url)('graphql') as typeof Graphql;

const schema = buildSchema('type Query { say: String } type Subscription { ticks: Int }');

async function* ticks(): AsyncGenerator<{ ticks: number }> {
  for (let tick = 0; ; tick += 1) {
    yield { ticks: tick };
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

interface Served {
  readonly factory: ManagerFactory;
  readonly guard: GraphqlGuard;
  readonly sockets: readonly WebSocket[];
  /** A client that has its WebSocket, and has said nothing. */
  arrive(): Promise<RawClient>;
  socketCount(): Promise<number>;
}

async function serve(
  options: Partial<GraphqlGuardOptions> = {},
  factoryOptions: ManagerFactoryOptions = {},
): Promise<Served> {
  const server = createServer();
  const wss = new WebSocketServer({ server });
  const factory = createManagerFactory(factoryOptions);
  const sockets: WebSocket[] = [];
  const guard = guardGraphql(
    {
      schema,
      roots: { query: { say: () => 'said' }, subscription: { ticks } },
      connectionInitWaitTimeout: 0,
      isProd: true,
    } as Parameters<typeof guardGraphql>[0],
    { factory, webSocketServer: wss, identify: () => 'ada', ...options },
  );
  useServer(guard.serverOptions, wss);
  wss.on('connection', (webSocket: WebSocket) => sockets.push(webSocket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const clients: RawClient[] = [];
  atEnd(async () => {
    for (const { socket } of clients) socket.destroy();
    guard.close();
    await factory.close();
    wss.close();
    server.close();
  });
  return {
    factory,
    guard,
    sockets,
    socketCount: () => socketCount(server),
    arrive: async () => {
      const client = await RawClient.open((server.address() as AddressInfo).port);
      clients.push(client);
      client.upgrade('/', { headers: { 'Sec-WebSocket-Protocol': 'graphql-transport-ws' } });
      await until(() => client.response?.status === 101, 'it has its WebSocket');
      return client;
    },
  };
}

function say(client: RawClient, message: object): void {
  if (client.socket.writable) client.socket.write(frame(TEXT, JSON.stringify(message)));
}

test('[J45] who never says who it is, is refused in time, and gone whether or not it answers', async () => {
  const {
    factory,
    guard,
    arrive,
    socketCount: count,
  } = await serve({ identifyTimeoutMs: 200, maxEarlyMessages: 1000 });
  const clock = new RunClock();
  const client = await arrive();
  expect(guard.pendingCount).toBe(1);
  const talking = setInterval(() => say(client, { type: 'ping' }), 20);
  atEnd(() => clearInterval(talking));
  await until(() => refusalByClose(client) !== undefined, 'it is refused');
  clearInterval(talking);
  expect(clock.ranMs()).toBeLessThan(1000);
  expect(refusalByClose(client)).toMatchObject({ status: 503, reason: 'identify-timeout' });
  await until(async () => (await count()) === 0, 'its socket is gone', 1500);
  expect([guard.pendingCount, factory.stats().refusedByReason]).toEqual([0, { 'identify-timeout': 1 }]);
});

test('[J45] the time of identify begins with the upgrade, not with connection_init', async () => {
  const { factory, arrive } = await serve({ identifyTimeoutMs: 400, identify: () => NEVER });
  const clock = new RunClock();
  const client = await arrive();
  await until(() => clock.ranMs() > 300, 'most of its time is over');
  say(client, { type: 'connection_init' });
  await until(() => refusalByClose(client) !== undefined, 'it is refused');
  expect(clock.ranMs()).toBeLessThan(650);
  expect(factory.stats().refusedByReason).toEqual({ 'identify-timeout': 1 });
});

test.each([
  [
    'bytes',
    'early-data-limit',
    (client: RawClient) => say(client, { type: 'ping', payload: { text: 'x'.repeat(20_000) } }),
  ],
  [
    'messages',
    'early-message-limit',
    (client: RawClient) => {
      for (let count = 0; count <= 16; count += 1) say(client, { type: 'ping' });
    },
  ],
] as const)('[J45] more %s than the default before connection_init are refused', async (_what, reason, send) => {
  const { factory, guard, arrive, socketCount: count } = await serve();
  const client = await arrive();
  send(client);
  await until(() => refusalByClose(client)?.reason === reason, 'it is refused');
  await until(async () => (await count()) === 0, 'its socket is gone', 1500);
  expect([guard.pendingCount, factory.stats().refusedByReason]).toEqual([0, { [reason]: 1 }]);
});

test('[J45] who is known may send as much as it likes', async () => {
  const { factory, arrive } = await serve();
  const client = await arrive();
  say(client, { type: 'connection_init' });
  await until(() => client.frames.includes('connection_ack'), 'it is let in');
  for (let count = 0; count < 40; count += 1) say(client, { type: 'ping', payload: { text: 'x'.repeat(1000) } });
  say(client, { id: '1', type: 'subscribe', payload: { query: '{ say }' } });
  await until(() => client.frames.includes('said'), 'it is answered');
  expect(factory.stats().refusedByReason).toEqual({});
});

test('[J13] closing the adapter refuses who has not said who it is', async () => {
  const { factory, guard, arrive } = await serve();
  const client = await arrive();
  guard.close();
  await until(() => refusalByClose(client)?.reason === 'factory-closed', 'it is refused');
  const late = await arrive();
  say(late, { type: 'connection_init' });
  await until(() => refusalByClose(late)?.reason === 'factory-closed', 'it is refused as well');
  expect([guard.pendingCount, factory.stats().created]).toEqual([0, 0]);
});

test('[J42] a message of a subscription that is dropped ends neither it nor its client', async () => {
  const { factory, sockets, arrive } = await serve({}, { maxBufferedBytes: 200_000, onSlowConsumer: 'drop' });
  const client = await arrive();
  say(client, { type: 'connection_init' });
  await until(() => client.frames.includes('connection_ack'), 'it is let in');
  client.socket.pause();
  const dropped = (): number => factory.stats().slowConsumers.framesDropped;
  for (const bytes of [60_000, 1000, 10]) {
    const before = dropped();
    await until(() => {
      for (let count = 0; count < 10; count += 1) sockets[0]?.send('x'.repeat(bytes));
      return dropped() > before;
    }, `not even ${bytes} bytes may wait`);
  }
  const droppedBefore = dropped();
  say(client, { id: '1', type: 'subscribe', payload: { query: 'subscription { ticks }' } });
  await until(() => dropped() > droppedBefore + 2, 'messages of it are dropped');
  client.socket.resume();
  await until(() => client.frames.includes('"ticks"'), 'it goes on', 10_000);
  expect(factory.usage('ada').active).toBe(1);
});

test('[J40] a guard that is not told of the server says so', () => {
  const factory = createManagerFactory();
  atEnd(() => factory.close());
  const incomplete = { factory, identify: () => 'ada' } as unknown as GraphqlGuardOptions;
  expect(() => guardGraphql({ schema }, incomplete)).toThrow(
    /webSocketServer must be the server that useServer is given/,
  );
});
