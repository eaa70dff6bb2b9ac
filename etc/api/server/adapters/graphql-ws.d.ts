import type { Context, ServerOptions } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import type { WebSocketServer } from 'ws';
import type { Manager } from '../index.ts';
import { type DecisionOptions, type Guard } from './guard-options.ts';
import type { AddressOptions, CloseRefusalOptions, EarlyOptions } from './network-options.ts';
export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';
/** What `graphql-ws` knows of a socket, and its manager once it is admitted. */
export interface GuardedExtra extends Extra {
    manager?: Manager;
}
type Params = Record<string, unknown> | undefined;
type GuardedContext = Context<Params, GuardedExtra>;
type GuardedServerOptions = ServerOptions<Params, GuardedExtra>;
export interface GraphqlGuardOptions extends DecisionOptions<GuardedContext>, AddressOptions, EarlyOptions, CloseRefusalOptions {
    /**
     * The server that `useServer` is given. Its clients are watched from their upgrade on: until they are known they may send
     * `maxEarlyBytes` and `maxEarlyMessages`, and have `identifyTimeoutMs` for all of it, whatever they send.
     */
    readonly webSocketServer: WebSocketServer;
}
export interface GraphqlGuard extends Guard {
    /** The options that were handed in, guarded; to be passed to `useServer`. */
    readonly serverOptions: GuardedServerOptions;
}
/**
 * Guards the sessions of `graphql-ws` over `ws`: a client is decided when it sends `connection_init`, so `identify` knows its
 * `connectionParams` as well as its request, and has its manager as `ctx.extra.manager`. Each subscription is owned by the manager until
 * it completes.
 *
 * ```js
 * import { createServer } from 'node:http';
 * import { createManagerFactory } from '@watertight/server';
 * import { guardGraphql } from '@watertight/server/graphql-ws';
 * import { buildSchema } from 'graphql';
 * import { useServer } from 'graphql-ws/use/ws';
 * import { WebSocketServer } from 'ws';
 *
 * const server = createServer();
 * const wss = new WebSocketServer({ server });
 * const factory = createManagerFactory();
 * const { serverOptions } = guardGraphql(
 *   {
 *     schema: buildSchema('type Query { hello: String }'),
 *     roots: { query: { hello: (_args, { manager }) => `hello ${manager.user}` } },
 *     context: (ctx) => ({ manager: ctx.extra.manager }),
 *   },
 *   { factory, webSocketServer: wss, identify: (ctx) => ctx.connectionParams?.user },
 * );
 * useServer(serverOptions, wss);
 * ```
 *
 * A client that is refused is told by close code and reason. To decide before the upgrade is answered, use `guard` of
 * `@watertight/server/ws` instead; not both for the same sockets.
 *
 * @throws InvalidOptionsError naming every problem at once.
 */
export declare function guardGraphql(theirs: GuardedServerOptions, options: GraphqlGuardOptions): GraphqlGuard;
