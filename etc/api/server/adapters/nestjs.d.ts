import { type Server } from 'node:http';
import type { WebSocketAdapter } from '@nestjs/common';
import type { ServerOptions, WebSocket, WebSocketServer } from 'ws';
import { type Manager } from '../index.ts';
import { type DecisionOptions, type Guard } from './guard-options.ts';
import { type NetworkOptions } from './network-options.ts';
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
export declare function guardGateways(theirs: WebSocketAdapter, options: NestGuardOptions): NestGuard;
