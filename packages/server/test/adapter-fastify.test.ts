import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { fastifyGuard } from '../src/adapters/fastify.ts';
import { createManagerFactory } from '../src/factory.ts';
import { type Subject, canEverything, stageOf, webSocketSpeech } from './conformance-kit.ts';
import { conformanceOfAwaits } from './conformance-awaits.suite.ts';
import { conformancePolicies, ofUpgrades } from './conformance-policies.suite.ts';
import { conformance } from './conformance.suite.ts';
import { NEVER, atEnd, watch } from './factory-kit.ts';
import { until, userOf } from './guarded-server.ts';
import { RawClient } from './raw-client.ts';

const fastify: Subject = {
  name: '@fastify/websocket',
  can: { ...canEverything, reports: false },
  waits: { before: 'an onRequest hook', behind: 'a preHandler' },
  speech: webSocketSpeech,
  serve: async (
    factory,
    { identify = (user) => user, message = (_manager, text) => `echo ${text}`, began, init, hooks, ...options },
  ) => {
    const app = Fastify();
    await app.register(websocket);
    const { before, behind } = hooks ?? {};
    if (before !== undefined) app.addHook('onRequest', (request) => before(userOf(request.raw)));
    await app.register(fastifyGuard, {
      factory,
      identify: (request) => identify(userOf(request.raw)),
      ...(init === undefined ? undefined : { init: (manager) => init(manager) }),
      ...options,
    });
    const preHandler = behind && ((request: FastifyRequest) => behind(userOf(request.raw)));
    app.get('/', { websocket: true, ...(preHandler && { preHandler }) }, (webSocket, { manager }) => {
      if (manager === null) throw new Error('no manager');
      began?.(manager, (text) => webSocket.send(text));
      webSocket.on('message', (data: Buffer) => webSocket.send(message(manager, String(data))));
    });
    app.get('/plain', (_request, reply) => reply.send('plain'));
    await app.ready();
    return { server: app.server, guard: app.guard, close: () => app.close() };
  },
};

conformance(fastify);
conformanceOfAwaits(fastify);
conformancePolicies(fastify, ofUpgrades);

test('[J16] a plain request passes, and a route that refuses after the admission frees the slot', async () => {
  const stage = await stageOf({
    ...fastify,
    serve: async (factory) => {
      const app = Fastify();
      await app.register(websocket);
      await app.register(fastifyGuard, { factory, identify: (request) => userOf(request.raw) });
      app.get(
        '/',
        { websocket: true, preHandler: (_request, reply, _next) => void reply.code(403).send() },
        () => undefined,
      );
      app.get('/plain', (_request, reply) => reply.send('plain'));
      await app.ready();
      return { server: app.server, guard: app.guard, close: () => app.close() };
    },
  });
  const client = await stage.ask('ada');
  await until(() => client.end !== undefined, 'the server let go');
  expect([client.response?.status, stage.factory.stats().created]).toEqual([403, 1]);
  const { port } = stage.server.address() as { port: number };
  expect(await (await fetch(`http://127.0.0.1:${port}/plain`, { headers: { connection: 'close' } })).text()).toBe(
    'plain',
  );
  await stage.nothingIsLeft();
});

test('[J16] without @fastify/websocket the plugin says so', async () => {
  const app = Fastify();
  await expect(
    app.register(fastifyGuard, { factory: createManagerFactory(), identify: () => null }),
  ).rejects.toMatchObject({ code: 'WATERTIGHT_E_GUARD' });
});

test.each([{}, { maxConnectsPerSecondPerAddress: 1 }])(
  '[J50] a WebSocket that injectWS makes up has its manager, is heard, and frees its slot (%o)',
  async (options) => {
    const factory = createManagerFactory(options);
    const app = Fastify();
    await app.register(websocket);
    await app.register(fastifyGuard, { factory, identify: async (request) => userOf(request.raw) });
    app.get('/', { websocket: true }, (webSocket, { manager }) => {
      webSocket.on('message', (data: Buffer) => webSocket.send(`${manager?.user} said ${String(data)}`));
    });
    atEnd(async () => {
      await app.close();
      await factory.close();
    });
    await app.ready();
    const webSocket = await app.injectWS('/?user=ada');
    const answer = once(webSocket, 'message');
    webSocket.send('hello');
    expect(String((await answer)[0])).toBe('ada said hello');
    webSocket.close();
    await until(() => factory.stats().released.byReason['client-close'] === 1, 'it is released');
    await expect(app.injectWS('/')).rejects.toThrow('401');
    expect([factory.stats().active, app.guard.pendingCount]).toEqual([0, 0]);
  },
);

test('[J51] an application that is closed refuses at once whoever is being decided, and waits for nobody', async () => {
  const factory = createManagerFactory();
  const app = Fastify();
  await app.register(websocket);
  await app.register(fastifyGuard, { factory, identify: () => NEVER, identifyTimeoutMs: false });
  app.get('/', { websocket: true }, () => undefined);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const client = await RawClient.open((app.server.address() as AddressInfo).port);
  atEnd(async () => {
    client.socket.destroy();
    await factory.close();
  });
  client.upgrade('/');
  await until(() => app.guard.pendingCount === 1, 'it is being decided');
  const closed = watch(app.close());
  await until(() => closed.settled && client.response !== undefined, 'the application is closed, and it is told', 2000);
  expect(client.response?.status).toBe(503);
});
