import type { Context, ServerOptions } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import type { WebSocket, WebSocketServer } from 'ws';

import type { ChildScope, Manager, ManagerFactory, Refusal } from '../index.ts';
import { refuse } from '../refusals.ts';
import { Decisions } from './decisions.ts';
import { type DecisionOptions, type Guard, problemsOf, throwIfAny } from './guard-options.ts';
import { GraphqlNewcomers } from './graphql-newcomers.ts';
import type { Absences, AddressOptions, CloseRefusalOptions, EarlyOptions } from './network-options.ts';
import { RefusalBudget } from './refusal-budget.ts';
import { closeRefused } from './refuse.ts';
import { acceptWebSocket } from './web-socket-life.ts';

export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';

/** What `graphql-ws` knows of a socket, and its manager once it is admitted. */
export interface GuardedExtra extends Extra {
  manager?: Manager;
}

type Params = Record<string, unknown> | undefined;
type GuardedContext = Context<Params, GuardedExtra>;
type GuardedServerOptions = ServerOptions<Params, GuardedExtra>;

export interface GraphqlGuardOptions
  extends DecisionOptions<GuardedContext>, AddressOptions, EarlyOptions, CloseRefusalOptions {
  /**
   * The server that `useServer` is given. Its clients are watched from their upgrade on: until they are known they may send
   * `maxEarlyBytes` and `maxEarlyMessages`, and have `identifyTimeoutMs` for all of it, whatever they send.
   */
  readonly webSocketServer: WebSocketServer;
}

const OF_GRAPHQL: Absences = {
  maxHttpRefusalsPerSecond:
    'a client has its WebSocket already, and beyond maxCloseRefusalsPerSecond its connection is ended',
};

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
export function guardGraphql(theirs: GuardedServerOptions, options: GraphqlGuardOptions): GraphqlGuard {
  const { factory, webSocketServer } = options;
  throwIfAny([
    ...problemsOf(options, OF_GRAPHQL, ['webSocketServer']),
    ...(typeof webSocketServer?.on === 'function'
      ? []
      : ['webSocketServer must be the server that useServer is given']),
  ]);
  const decisions = new Decisions(options, (ctx: GuardedContext) => ctx.extra.request);
  const budget = new RefusalBudget(factory, options, ['close']);
  const operations = new Operations(factory);
  /** Whoever graphql-ws has said goodbye to already gets no second one. */
  const tell = (webSocket: WebSocket, refusal: Refusal): void => {
    if (webSocket.readyState !== webSocket.OPEN || budget.spend() === 'destroy') webSocket.terminate();
    else closeRefused(webSocket, refusal);
  };
  const newcomers = new GraphqlNewcomers(options, decisions, tell);
  const watch = (webSocket: WebSocket): void => newcomers.watch(webSocket);
  webSocketServer.on('connection', watch);
  factory.start();

  /** Whoever is turned away after all goes in time, whether or not it answers the close frame. */
  const connected = async (
    ctx: GuardedContext,
    manager: Manager,
  ): Promise<Record<string, unknown> | boolean | void> => {
    try {
      const answer = await theirs.onConnect?.(ctx);
      if (answer === false) closeRefused(ctx.extra.socket, refuse('forbidden'));
      return answer;
    } catch (error) {
      factory.recordError(error, 'connection-listener', manager.user);
      closeRefused(ctx.extra.socket, refuse('init-failed'));
      return false;
    }
  };
  const serverOptions: GuardedServerOptions = {
    ...theirs,
    onConnect: async (ctx) => {
      const webSocket = ctx.extra.socket;
      const newcomer = newcomers.take(webSocket);
      if (newcomer === undefined) return false;
      const { intake, sinceMs } = newcomer;
      const admission = await decisions.decide(ctx, intake.connection, sinceMs);
      if (!admission.admitted) {
        if (!intake.connection.ended || admission.reason !== 'client-left') tell(webSocket, admission);
        return false;
      }
      ctx.extra.manager = admission.manager;
      intake.handOver();
      // It takes what was not sent for an error of its own, and would close its client.
      acceptWebSocket(intake, webSocket, { fails: false });
      return connected(ctx, admission.manager);
    },
    onOperation: async (ctx, id, payload, args, result) => {
      const answer = (await theirs.onOperation?.(ctx, id, payload, args, result)) ?? result;
      const { manager } = ctx.extra;
      if (manager !== undefined && isSubscription(answer)) operations.own(manager, payload, id, answer);
      return answer;
    },
    onComplete: async (ctx, id, payload) => {
      operations.completed(payload);
      await theirs.onComplete?.(ctx, id, payload);
    },
  };
  return {
    factory,
    serverOptions,
    get pendingCount() {
      return newcomers.size + decisions.pendingCount;
    },
    close: () => {
      webSocketServer.off('connection', watch);
      newcomers.close();
      decisions.close();
      budget.close();
    },
  };
}

type Subscription = AsyncGenerator;

function isSubscription(result: unknown): result is Subscription {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result && 'return' in result;
}

/** Subscriptions under way, each by what was asked: a client may use an id again before what it began under it is over. */
class Operations {
  readonly #factory: ManagerFactory;
  readonly #scopes = new WeakMap<object, ChildScope>();

  constructor(factory: ManagerFactory) {
    this.#factory = factory;
  }

  own(manager: Manager, asked: object, id: string, subscription: Subscription): void {
    // It ended while the operation was begun: nobody else lets go of what the subscription holds already.
    if (manager.state === 'closing' || manager.state === 'closed') {
      subscription
        .return(undefined)
        .catch((error: unknown) => this.#factory.recordError(error, 'finalizer', manager.user));
      return;
    }
    const scope = manager.child();
    scope.defer(() => subscription.return(undefined), { name: `subscription ${id}` });
    this.#scopes.set(asked, scope);
  }

  completed(asked: object): void {
    void this.#scopes.get(asked)?.close();
    this.#scopes.delete(asked);
  }
}
