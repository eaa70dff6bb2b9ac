import { type IncomingMessage, type Server, createServer } from 'node:http';

import type { WebSocketAdapter } from '@nestjs/common';
import type { ServerOptions, WebSocket, WebSocketServer } from 'ws';

import { type Manager, WatertightError } from '../index.ts';
import { type DecisionOptions, type Guard, problemsOf, throwIfAny } from './guard-options.ts';
import { absencesBy, type NetworkOptions } from './network-options.ts';
import { RefusalBudget } from './refusal-budget.ts';
import { listenForUpgrades } from './upgrade-listener.ts';
import { doorOf, problemsOfRefusal } from './ws-door.ts';

export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';

export interface NestGuardOptions extends DecisionOptions, NetworkOptions {
  /** The server of the application: `app.getHttpServer()`. Gateways without a port of their own are served there. */
  readonly server: Server;
  /** The class of `ws`, of which one is made for each port and path. */
  readonly WebSocketServer: new (options: ServerOptions) => WebSocketServer;
  /** `'http'` (default) or `'close'`, as with `guard`. */
  readonly refusal?: 'http' | 'close';
}

export interface NestGuard extends Guard {
  /** To be passed to `app.useWebSocketAdapter`. */
  readonly adapter: WebSocketAdapter;
  /** The manager of a client; a gateway's `handleConnection` has it as third argument too. */
  managerOf(client: WebSocket): Manager | undefined;
}

/**
 * Puts a factory in front of the gateways of NestJS. What a gateway does with messages stays with the adapter that is handed in:
 *
 * ```js
 * import { Module } from '@nestjs/common';
 * import { NestFactory } from '@nestjs/core';
 * import { WsAdapter } from '@nestjs/platform-ws';
 * import { WebSocketGateway } from '@nestjs/websockets';
 * import { createManagerFactory } from '@watertight/server';
 * import { guardGateways } from '@watertight/server/nestjs';
 * import { WebSocketServer } from 'ws';
 *
 * class Hello {
 *   handleConnection(client, request, manager) {
 *     manager.every(1000, () => client.send(`hello ${manager.user}`));
 *   }
 * }
 * WebSocketGateway()(Hello);
 *
 * class App {}
 * Module({ providers: [Hello] })(App);
 *
 * const app = await NestFactory.create(App, { logger: false });
 * const factory = createManagerFactory();
 * const { adapter } = guardGateways(new WsAdapter(app), {
 *   factory,
 *   server: app.getHttpServer(),
 *   WebSocketServer,
 *   identify: (request) => new URL(request.url, 'http://host').searchParams.get('user'),
 * });
 * app.useWebSocketAdapter(adapter);
 * ```
 *
 * @throws InvalidOptionsError naming every problem at once. A gateway with a namespace is refused with `WATERTIGHT_E_GUARD` when the
 * application starts, as by the adapter of `ws` itself.
 */
export function guardGateways(theirs: WebSocketAdapter, options: NestGuardOptions): NestGuard {
  const { factory, server, refusal, WebSocketServer: Wss } = options;
  throwIfAny([
    ...problemsOf(options, absencesBy(refusal), ['server', 'WebSocketServer', 'refusal']),
    ...problemsOfRefusal(refusal),
    ...(typeof Wss === 'function' ? [] : [`WebSocketServer must be the class of ws, got ${typeof Wss}`]),
    ...(typeof server?.on === 'function' ? [] : ['server must be the HTTP server of the application']),
  ]);
  const budget = new RefusalBudget(factory, options, refusal === 'close' ? ['close', 'http'] : ['http']);
  const managers = new WeakMap<WebSocket, Manager>();
  const guards: Guard[] = [];
  /** By port; gateways of several paths share one. */
  const ownServers = new Map<number, Server>();
  const serverAt = (port: number): Server => {
    if (port === OF_APPLICATION) return server;
    const own = ownServers.get(port) ?? createServer().listen(port);
    ownServers.set(port, own);
    return own;
  };
  const adapter: WebSocketAdapter<WebSocketServer, WebSocket, GatewayOptions> & { dispose(): Promise<void> } = {
    create: (port, { path = '', server: _server, namespace, ...gatewayOptions } = {}) => {
      if (namespace !== undefined && namespace !== '') {
        throw new WatertightError(
          'WATERTIGHT_E_GUARD',
          `a gateway has the namespace ${JSON.stringify(namespace)}, of which ws has none: give it a path, or use Socket.IO with @watertight/server/socket.io`,
        );
      }
      const wss = new Wss({ ...gatewayOptions, noServer: true });
      const ofGateway = { ...options, path: path.startsWith('/') ? path : `/${path}` };
      guards.push(listenForUpgrades(serverAt(port), ofGateway, doorOf(wss, refusal), budget));
      wss.on('connection', (client: WebSocket, _request: IncomingMessage, manager: Manager) =>
        managers.set(client, manager),
      );
      return wss;
    },
    bindClientConnect: (wss, callback) => void theirs.bindClientConnect(wss, callback),
    bindClientDisconnect: (client, callback) => void theirs.bindClientDisconnect?.(client, callback),
    closeClient: (client) => client.terminate(),
    bindMessageHandlers: (client, handlers, transform) => {
      theirs.bindMessageHandlers(client, handlers, transform);
    },
    close: (wss) => theirs.close(wss) as unknown,
    dispose: async () => {
      for (const each of guards) each.close();
      budget.close();
      await Promise.all([...ownServers.values()].map(closed));
    },
  };
  return {
    factory,
    adapter,
    managerOf: (client) => managers.get(client),
    get pendingCount() {
      return guards.reduce((count, { pendingCount }) => count + pendingCount, 0);
    },
    close: () => {
      for (const each of guards) each.close();
      budget.close();
    },
  };
}

/** The port of a gateway that names none. */
const OF_APPLICATION = 0;

type GatewayOptions = ServerOptions & { readonly namespace?: string };

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
