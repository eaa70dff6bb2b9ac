import type { IncomingMessage, Server } from 'node:http';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { guardGateways } from '../src/adapters/nestjs.ts';
import { createManagerFactory } from '../src/factory.ts';
import type { Manager } from '../src/manager.ts';
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
import { TEXT, frame } from './raw-client.ts';
import { verifyBy } from './ws-subject.ts';

/** A gateway at a path, as decorators would make it. */
function gatewayAt(
  path: string,
  { began, hooks, message = (_manager, text) => `echo ${text}` }: Behaviour,
): new () => object {
  class Gateway {
    static managerOf: (client: WebSocket) => Manager | undefined = () => undefined;

    handleConnection(client: WebSocket, _request: IncomingMessage, manager: Manager): void {
      try {
        began?.(manager, (text) => client.send(text));
      } catch {
        void manager.destroy();
      }
    }

    say(client: WebSocket, text: string): string | undefined {
      const manager = Gateway.managerOf(client);
      return manager === undefined ? undefined : message(manager, text);
    }
  }
  const say = Object.getOwnPropertyDescriptor(Gateway.prototype, 'say');
  if (say === undefined) throw new Error('no method');
  SubscribeMessage('say')(Gateway.prototype, 'say', say);
  WebSocketGateway({ path, verifyClient: verifyBy(hooks?.behind) })(Gateway);
  return Gateway;
}

async function serve(
  factory: Parameters<Subject['serve']>[0],
  behaviour: Behaviour,
  paths: readonly string[] = ['/'],
): Promise<Served> {
  const gateways = paths.map((path) => gatewayAt(path, behaviour));
  class App {
    readonly gateways = paths;
  }
  Module({ providers: gateways })(App);
  const app = await NestFactory.create(App, { logger: false });
  const { identify = (user) => user, init, began: _began, message: _message, hooks: _hooks, ...options } = behaviour;
  const server = app.getHttpServer() as Server;
  const guard = guardGateways(new WsAdapter(app), {
    factory,
    server,
    WebSocketServer,
    identify: (request) => identify(userOf(request)),
    init: init === undefined ? undefined : (manager) => init(manager),
    ...options,
  });
  for (const gateway of gateways) Object.assign(gateway, { managerOf: guard.managerOf });
  app.useWebSocketAdapter(guard.adapter);
  await app.init();
  return { server, guard, close: () => app.close() };
}

const nestjs: Subject = {
  name: 'gateways of NestJS',
  can: { ...canEverything, reports: false },
  waits: { behind: 'verifyClient' },
  speech: {
    ...webSocketSpeech,
    say: (client, text) => void client.socket.write(frame(TEXT, JSON.stringify({ event: 'say', data: text }))),
  },
  serve,
};

conformance(nestjs);
conformanceOfAwaits(nestjs);
conformancePolicies(nestjs, ofUpgrades);

test('[J22] gateways of several paths each have their own, and what none wants is answered with 404', async () => {
  const stage = await stageOf({
    ...nestjs,
    speech: { ...nestjs.speech, ask: (client, user) => client.upgrade(`/${user}?user=${user}`) },
    serve: (factory, behaviour) => serve(factory, behaviour, ['chat', '/news']),
  });
  const clients = [await stage.enter('chat'), await stage.enter('news'), await stage.ask('nobody')];
  await until(() => clients[2]?.response !== undefined, 'it is answered');
  expect(clients.map((client) => client.response?.status)).toEqual([101, 101, 404]);
  expect(stage.factory.stats().created).toBe(2);
  for (const client of clients) client.leave('fin');
  await stage.nothingIsLeft();
});

test('[J44] gateways of one application have one budget for refusals', async () => {
  const options = { identify: () => null, maxHttpRefusalsPerSecond: 1 };
  const stage = await stageOf(
    {
      ...nestjs,
      speech: { ...nestjs.speech, ask: (client, user) => client.upgrade(`/${user}`) },
      serve: (factory, behaviour) => serve(factory, behaviour, ['chat', 'news']),
    },
    options,
  );
  expect(stage.factory.stats().refusalBudget).toEqual({ close: 0, http: 1 });
  const clients = await Promise.all(['chat', 'news'].map((path) => stage.ask(path)));
  await until(() => clients.every(({ end }) => end !== undefined), 'the server let go of both');
  expect(stage.factory.stats().refusalAnswers).toEqual({ close: 0, http: 1, destroy: 1 });
});

test('[J22] what is missing is named', () => {
  const factory = createManagerFactory();
  const incomplete = { factory, identify: () => null, refusal: 'never' } as unknown as Parameters<
    typeof guardGateways
  >[1];
  expect(() => guardGateways(new WsAdapter(), incomplete)).toThrow(
    /refusal must be 'http' or 'close', got "never"[^]*WebSocketServer must be the class of ws/,
  );
});

test('[J49] a gateway with a namespace, of which ws has none, is refused when the application starts', async () => {
  const Gateway = gatewayAt('/', {});
  WebSocketGateway({ namespace: 'chat' })(Gateway);
  class App {
    readonly gateway = Gateway;
  }
  Module({ providers: [Gateway] })(App);
  const app = await NestFactory.create(App, { logger: false, abortOnError: false });
  const factory = createManagerFactory();
  const server = app.getHttpServer() as Server;
  const options = { factory, server, WebSocketServer, identify: () => null };
  app.useWebSocketAdapter(guardGateways(new WsAdapter(app), options).adapter);
  await expect(app.init()).rejects.toThrow(/namespace "\/chat"[^]*path/);
  await app.close();
  await factory.close();
});
