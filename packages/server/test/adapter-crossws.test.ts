import type { Server } from 'node:http';
import { type Hooks, defineHooks } from 'crossws';
import { plugin, serve as serveCrossws } from 'crossws/server/node';
import { H3, defineWebSocketHandler, serve as serveH3 } from 'h3';
import { expect, onTestFinished, test } from 'vitest';
import { type CrosswsGuard, guardCrossws } from '../src/adapters/crossws.ts';
import { createManagerFactory } from '../src/factory.ts';
import type { ManagerFactory } from '../src/manager-factory.ts';
import {
  type Behaviour,
  type Served,
  type Subject,
  stageOf,
  webSocketSpeech,
  canEverything,
} from './conformance-kit.ts';
import { conformanceOfAwaits } from './conformance-awaits.suite.ts';
import { conformancePolicies, ofUpgrades } from './conformance-policies.suite.ts';
import { conformance } from './conformance.suite.ts';
import { until, userOf } from './guarded-server.ts';
import { frame } from './raw-client.ts';

function guardFor(
  factory: ManagerFactory,
  { identify = (user) => user, init, began: _began, message: _message, hooks: _hooks, ...options }: Behaviour,
): CrosswsGuard {
  return guardCrossws({
    factory,
    ...options,
    identify: (request) => identify(userOf(request)),
    init: init === undefined ? undefined : (manager) => init(manager),
  });
}

function hooksOf(
  guard: CrosswsGuard,
  { began, hooks, message = (_manager, text) => `echo ${text}` }: Behaviour,
): Partial<Hooks> {
  const managerOf: CrosswsGuard['managerOf'] = (peer) => {
    const manager = guard.managerOf(peer);
    if (manager === undefined) throw new Error('no manager');
    return manager;
  };
  const behind = hooks?.behind;
  return defineHooks({
    ...(behind === undefined
      ? undefined
      : { upgrade: async ({ url }: Request) => behind(new URL(url).searchParams.get('user')) }),
    open: (peer) => {
      const manager = managerOf(peer);
      if (manager !== undefined) began?.(manager, (text) => void peer.send(text));
    },
    message: (peer, data) => {
      const manager = managerOf(peer);
      if (manager !== undefined) peer.send(message(manager, data.text()));
    },
  });
}

const LISTEN = { port: 0, hostname: '127.0.0.1', silent: true, gracefulShutdown: false };

type Serving = ReturnType<typeof serveCrossws>;

async function servedBy(guard: CrosswsGuard, serving: Pick<Serving, 'ready' | 'node' | 'close'>): Promise<Served> {
  await serving.ready();
  const server = serving.node?.server;
  if (server === undefined) throw new Error('no server');
  return { server: server as Server, guard, close: () => serving.close(true) };
}

const crossws: Subject = {
  name: 'crossws on Node',
  can: canEverything,
  waits: { behind: 'an upgrade hook' },
  speech: webSocketSpeech,
  serve: (factory, behaviour) => {
    const guard = guardFor(factory, behaviour);
    const websocket = guard.hooks(hooksOf(guard, behaviour));
    return servedBy(guard, serveCrossws({ ...LISTEN, fetch: () => new Response('plain'), websocket }));
  },
};

conformance(crossws);
conformanceOfAwaits(crossws);
conformancePolicies(crossws, ofUpgrades);

const ofRoute: Subject = {
  name: 'h3, guarded before its routes',
  can: { ...canEverything, reports: false },
  waits: { behind: 'the upgrade hook of a route' },
  speech: webSocketSpeech,
  serve: (factory, behaviour) => {
    const guard = guardFor(factory, behaviour);
    const { open, ...hooks } = hooksOf(guard, behaviour);
    const app = new H3();
    const route = defineWebSocketHandler({
      ...hooks,
      open: (peer) => {
        try {
          void open?.(peer);
        } catch {
          void guard.managerOf(peer)?.destroy();
        }
      },
    });
    app.get('/', route);
    const resolve = async (request: Request): Promise<Partial<Hooks>> => {
      const { crossws: found } = (await app.fetch(request)) as Response & { crossws?: Partial<Hooks> };
      return found ?? {};
    };
    return servedBy(guard, serveH3(app, { ...LISTEN, plugins: [plugin({ ...guard.hooks(), resolve })] }));
  },
};

conformance(ofRoute);
conformanceOfAwaits(ofRoute);
conformancePolicies(ofRoute, ofUpgrades);

test('[J20] a hook that answers the upgrade itself after the admission frees the slot', async () => {
  const stage = await stageOf({
    ...crossws,
    serve: (factory, behaviour) => {
      const guard = guardFor(factory, behaviour);
      const websocket = guard.hooks({ upgrade: () => new Response('not here', { status: 403 }) });
      return servedBy(guard, serveCrossws({ ...LISTEN, fetch: () => new Response('plain'), websocket }));
    },
  });
  const client = await stage.ask('ada');
  await until(() => client.end !== undefined, 'the server let go');
  expect([client.response?.status, stage.factory.stats().created]).toEqual([403, 1]);
  client.leave('fin');
  await stage.nothingIsLeft();
});

test('[J20] hooks that are not served by Node say so', async () => {
  const factory = createManagerFactory();
  onTestFinished(() => factory.close());
  const upgrade = guardCrossws({ factory, identify: () => null }).hooks().upgrade;
  await expect(upgrade?.(new Request('http://host/'))).rejects.toMatchObject({ code: 'WATERTIGHT_E_GUARD' });
});

test('[J20] what is not WebSocket ends a client as an error', async () => {
  const stage = await stageOf(crossws);
  const ada = await stage.enter('ada');
  ada.socket.write(frame(3, 'reserved opcode'));
  await stage.nothingIsLeft();
  expect(stage.factory.stats().released.byReason).toEqual({ 'client-error': 1 });
});

test('[J13] once the adapter is closed nobody new is let in, however fast identify answers', async () => {
  const stage = await stageOf(crossws);
  stage.guard.close();
  expect(await stage.refused(await stage.ask('ada'))).toMatchObject({ status: 503, reason: 'factory-closed' });
  expect(stage.factory.stats().created).toBe(0);
});
