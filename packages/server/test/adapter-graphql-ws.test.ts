import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type * as Graphql from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { guardGraphql } from '../src/adapters/graphql-ws.ts';
import type { Manager } from '../src/manager.ts';
import {
  type Behaviour,
  type Served,
  type Speech,
  type Subject,
  refusalByClose,
  stageOf,
  canEverything,
} from './conformance-kit.ts';
import { conformanceOfAwaits } from './conformance-awaits.suite.ts';
import { conformancePolicies } from './conformance-policies.suite.ts';
import { conformance } from './conformance.suite.ts';
import { Bench, NEVER } from './factory-kit.ts';
import { until } from './guarded-server.ts';
import { type RawClient, TEXT, closingOf, frame } from './raw-client.ts';

/** The copy that graphql-ws has; vitest would take another one for an import. */
const { buildSchema } = createRequire(import.meta.url)('graphql') as typeof Graphql;

type Message = Readonly<Record<string, unknown>>;

const send = (client: RawClient, message: Message): void =>
  void client.socket.write(frame(TEXT, JSON.stringify(message)));

const PROTOCOL = { 'Sec-WebSocket-Protocol': 'graphql-transport-ws' };
const CLOSE = 8;
const greeted = new WeakSet<RawClient>();

const speech: Speech = {
  ask: (client, user, headers) => {
    client.upgrade('/', { headers: { ...PROTOCOL, ...headers } });
    // It says who it is as soon as it may, and answers a goodbye, whether or not the test looks.
    client.socket.on('data', () => {
      const closing = closingOf(client);
      if (closing !== undefined)
        client.socket.write(frame(CLOSE, Buffer.from([closing.code >> 8, closing.code & 0xff])));
      if (client.response?.status !== 101 || greeted.has(client)) return;
      greeted.add(client);
      send(client, { type: 'connection_init', payload: { user } });
    });
  },
  isIn: (client) => client.frames.includes('connection_ack'),
  say: (client, text) =>
    send(client, { id: text, type: 'subscribe', payload: { query: `{ say(text: ${JSON.stringify(text)}) }` } }),
  hears: (client, text) => client.frames.includes(text),
  refusal: refusalByClose,
};

const schema = buildSchema(`
  type Query { say(text: String!): String }
  type Subscription { ticks: Int, nothing: Int }
`);

interface Operation {
  readonly manager: Manager;
}

async function* ticks(): AsyncGenerator<{ ticks: number }> {
  for (let tick = 0; ; tick += 1) {
    yield { ticks: tick };
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function* nothing(): AsyncGenerator<{ nothing: number }> {
  await NEVER;
  yield { nothing: 0 };
}

function serve(
  factory: Parameters<Subject['serve']>[0],
  {
    identify = (user) => user,
    message = (_manager, text) => `echo ${text}`,
    began,
    init,
    hooks,
    ...options
  }: Behaviour,
): Served {
  const server = createServer();
  const wss = new WebSocketServer({ server });
  const guard = guardGraphql(
    {
      schema,
      roots: {
        query: { say: ({ text }: { text: string }, { manager }: Operation) => message(manager, text) },
        subscription: { ticks, nothing },
      },
      context: ({ extra: { manager } }) => ({ manager }),
      onConnect: ({ extra: { manager, socket } }) => {
        if (manager === undefined) throw new Error('no manager');
        const begin = (): void => began?.(manager, (text) => socket.send(text));
        return hooks?.behind === undefined ? begin() : hooks.behind(manager.user).then(begin);
      },
      isProd: true,
    } as Parameters<typeof guardGraphql>[0],
    {
      factory,
      webSocketServer: wss,
      identify: ({ connectionParams }) => identify(String(connectionParams?.['user'])),
      init: init === undefined ? undefined : (manager) => init(manager),
      ...options,
    },
  );
  useServer(guard.serverOptions, wss);
  return { server, guard, close: () => wss.close() };
}

const graphqlWs: Subject = {
  name: 'graphql-ws over ws',
  can: { ...canEverything, early: false, tellsLimit: false },
  waits: { behind: 'an onConnect' },
  speech,
  serve,
};

conformance(graphqlWs);
conformanceOfAwaits(graphqlWs);

conformancePolicies(graphqlWs, { words: ['close'], absent: ['maxHttpRefusalsPerSecond'] });

test('[J19] a subscription is owned by the manager until it completes, and one that hangs is named', async () => {
  const stage = await stageOf(graphqlWs, {}, { cleanupDeadlineMs: 100 });
  const ada = await stage.enter('ada');
  const [manager] = stage.factory.managersOf('ada');
  for (const name of ['ticks', 'nothing'])
    send(ada, { id: name, type: 'subscribe', payload: { query: `subscription { ${name} }` } });
  await until(() => ada.frames.includes('"ticks":2'), 'it ticks');
  send(ada, { id: 'ticks', type: 'complete' });
  ada.leave('fin');
  const report = await manager?.released;
  expect(report?.overdue.map(({ name }) => name)).toEqual(['subscription nothing']);
  await stage.nothingIsLeft();
});

test('[J19] a client that uses an id again and again leaves nothing of what it completed at its manager', async () => {
  const stage = await stageOf(graphqlWs);
  const ada = await stage.enter('ada');
  const owned = (): number | undefined => stage.factory.lookAt('ada')?.managers[0]?.owned.count;
  for (let count = 0; count < 20; count += 1) {
    send(ada, { id: 'again', type: 'subscribe', payload: { query: 'subscription { ticks }' } });
    send(ada, { id: 'again', type: 'complete' });
  }
  send(ada, { id: 'last', type: 'subscribe', payload: { query: 'subscription { ticks }' } });
  await until(() => ada.frames.includes('"ticks":2'), 'it ticks');
  await until(() => owned() === 1, 'the last one alone is owned');
  send(ada, { id: 'last', type: 'complete' });
  await until(() => owned() === 0, 'nothing is owned');
  ada.leave('fin');
  await stage.nothingIsLeft();
});

test('[J19] a subscription ends when its manager is closed', async () => {
  const stage = await stageOf(graphqlWs);
  const ada = await stage.enter('ada');
  send(ada, { id: '1', type: 'subscribe', payload: { query: 'subscription { ticks }' } });
  await until(() => ada.frames.includes('"ticks":2'), 'it ticks');
  const [report] = await stage.factory.closeAllForUser('ada');
  expect([report?.finalizersRun, report?.deadlineMet]).toEqual([1, true]);
  ada.leave('fin');
  await stage.nothingIsLeft();
});

test('[J19] a subscription whose manager ended while it was begun is let go of', async () => {
  const { factory, manager } = ((bench: Bench) => ({ factory: bench.factory, manager: bench.manager() }))(new Bench());
  const webSocketServer = new WebSocketServer({ noServer: true });
  const { serverOptions } = guardGraphql({ schema }, { factory, webSocketServer, identify: () => 'ada' });
  let isHeld = true;
  const subscription = {
    [Symbol.asyncIterator]: () => subscription,
    next: () => NEVER,
    return: async () => {
      isHeld = false;
      return { done: true, value: undefined };
    },
  };
  await manager.destroy();
  const [ctx, nothingElse] = [{ extra: { manager } } as never, {} as never];
  expect(await serverOptions.onOperation?.(ctx, '1', nothingElse, nothingElse, subscription as never)).toBe(
    subscription,
  );
  expect(isHeld).toBe(false);
});
