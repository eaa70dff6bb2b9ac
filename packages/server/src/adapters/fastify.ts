import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import type { WebSocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { type Manager, WatertightError } from '../index.ts';
import { refuse } from '../refusals.ts';
import { EarlyHeads } from './early-heads.ts';
import {
  type DecisionOptions,
  type Guard,
  optionsFor,
  problemsOf,
  throwIfAny,
  type UpgradeNetworkOptions,
} from './guard-options.ts';
import { WITHOUT_CLOSE_CODES } from './network-options.ts';
import { refusalAnswer } from './refuse.ts';
import { UpgradeDesk } from './upgrade-desk.ts';
import type { UpgradeIntake } from './upgrade-intake.ts';
import { acceptWebSocket } from './web-socket-life.ts';

export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';

export interface FastifyGuardOptions extends DecisionOptions<FastifyRequest>, UpgradeNetworkOptions {}

/** What Fastify itself takes where a plugin is registered, and hands on with the rest. */
const OF_REGISTER = ['prefix', 'logLevel', 'logSerializers'] as const;

declare module 'fastify' {
  interface FastifyInstance {
    guard: Guard;
  }
  interface FastifyRequest {
    /** Of a WebSocket request, once it is admitted. */
    manager: Manager | null;
  }
}

/** A request between its hook and its WebSocket. */
interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly next: () => void;
  intake: UpgradeIntake | undefined;
}

/**
 * A Fastify plugin: every WebSocket route has its manager as `request.manager`. Register it after `@fastify/websocket` and before the
 * routes. It decides before validation, so hooks such as those of a session plugin have run when `identify` is asked.
 *
 * ```js
 * import Fastify from 'fastify';
 * import websocket from '@fastify/websocket';
 * import { createManagerFactory } from '@watertight/server';
 * import { fastifyGuard } from '@watertight/server/fastify';
 *
 * const factory = createManagerFactory();
 * const app = Fastify();
 * await app.register(websocket);
 * await app.register(fastifyGuard, { factory, identify: (request) => request.query.user });
 * app.get('/', { websocket: true }, (socket, request) => {
 *   request.manager.every(1000, () => socket.send(`hello ${request.manager.user}`));
 * });
 * ```
 *
 * @throws InvalidOptionsError, or WatertightError `WATERTIGHT_E_GUARD` without `@fastify/websocket`.
 */
export async function fastifyGuard(app: FastifyInstance, options: FastifyGuardOptions): Promise<void> {
  throwIfAny(problemsOf(options, WITHOUT_CLOSE_CODES, OF_REGISTER));
  if (!app.hasDecorator('websocketServer')) {
    throw new WatertightError(
      'WATERTIGHT_E_GUARD',
      'fastifyGuard is registered after @fastify/websocket, and needs it',
    );
  }
  const { factory } = options;
  const visits = new WeakMap<IncomingMessage, Visit>();
  const visitOf = (request: IncomingMessage): Visit => {
    const visit = visits.get(request);
    if (visit === undefined) throw new TypeError('the request has not been seen by the hook of fastifyGuard');
    return visit;
  };
  const desk = new UpgradeDesk(
    optionsFor(options, (request: IncomingMessage) => visitOf(request).request),
    {
      accept: (intake, request, manager) => {
        const visit = visitOf(request);
        visit.intake = intake;
        visit.request.manager = manager;
        intake.giveBack();
        visit.next();
      },
      refuseByHttp: (intake, request, refusal) => {
        intake.handOver();
        const { status, headers, body } = refusalAnswer(refusal);
        void visitOf(request).reply.code(status).headers(headers).send(body);
      },
    },
  );
  const heads = new EarlyHeads(app.server);
  let isOpen = true;
  const guard: Guard = {
    factory,
    get pendingCount() {
      return desk.pendingCount;
    },
    close: () => {
      isOpen = false;
      heads.close();
      desk.close();
    },
  };
  app.decorate('guard', guard);
  app.decorateRequest('manager', null);
  app.addHook('preValidation', (request, reply, next) => {
    if (!request.ws) {
      next();
    } else if (isOpen) {
      visits.set(request.raw, { request, reply, next, intake: undefined });
      // Fastify keeps what came behind the request, and hands it to the WebSocket.
      desk.upgrade(request.raw, socketOf(request, reply), heads.of(request.raw), false);
    } else {
      const { status, headers, body } = refusalAnswer(refuse('factory-closed'));
      void reply.code(status).headers(headers).send(body);
    }
  });
  app.websocketServer.on('connection', (webSocket: WebSocket, request: IncomingMessage) => {
    const intake = visits.get(request)?.intake;
    if (intake !== undefined) acceptWebSocket(intake, webSocket);
  });
  // Before the server closes, which waits for all its sockets.
  app.addHook('preClose', async () => guard.close());
  factory.start();
}

/** A request that `injectWS` made up has none; its response has one all the same. */
function socketOf(request: FastifyRequest, reply: FastifyReply): Duplex {
  return reply.raw.socket ?? request.raw.socket;
}

/** Not a scope of its own: its hooks are for the routes of whoever registers it. */
Object.assign(fastifyGuard, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@watertight/server',
});
