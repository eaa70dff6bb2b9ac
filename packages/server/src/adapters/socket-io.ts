import type { EventEmitter } from 'node:events';
import { type IncomingMessage, ServerResponse } from 'node:http';

import type { Server, Socket } from 'socket.io';

import { type Connection, type Manager, type Refusal, type Transport, WatertightError } from '../index.ts';
import { Decisions } from './decisions.ts';
import { EarlyHeads } from './early-heads.ts';
import { EngineQueue } from './engine-queue.ts';
import { EngineTransport, causeOf, cutOff } from './engine-transport.ts';
import {
  type DecisionOptions,
  type Guard,
  problemsOf,
  throwIfAny,
  type UpgradeNetworkOptions,
} from './guard-options.ts';
import { type Absences, type AddressOptions, WITHOUT_CLOSE_CODES } from './network-options.ts';
import { acceptRawWebSocket } from './raw-web-socket.ts';
import { RefusalBudget } from './refusal-budget.ts';
import { refuseResponse } from './refuse-response.ts';
import { type Door, UpgradeDesk } from './upgrade-desk.ts';
import { outliveErrors } from './upgrade-errors.ts';
import type { UpgradeIntake } from './upgrade-intake.ts';

export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';

/** The part of an Engine.IO socket that is used: one client, whatever its transports and namespaces. */
type EngineSocket = Socket['conn'];

export interface SocketIoGuard extends Guard {
  /** The manager of a client: one for all its namespaces, whatever transport it is at. */
  managerOf(socket: Socket): Manager | undefined;
}

/**
 * Guards the door of Socket.IO: one manager for each Engine.IO client, decided before the handshake is answered, whether the client
 * begins with polling or with a WebSocket. To be called after the server was attached to an HTTP server.
 *
 * ```js
 * import { createServer } from 'node:http';
 * import { createManagerFactory } from '@watertight/server';
 * import { guardEngine } from '@watertight/server/socket.io';
 * import { Server } from 'socket.io';
 *
 * const server = createServer();
 * const io = new Server(server);
 * const factory = createManagerFactory();
 * const guard = guardEngine(io, {
 *   factory,
 *   identify: (request) => new URL(request.url, 'http://host').searchParams.get('user'),
 * });
 * io.on('connection', (socket) => {
 *   const manager = guard.managerOf(socket);
 *   manager.every(1000, () => socket.emit('hello', manager.user));
 * });
 * ```
 *
 * `maxBufferedBytes` counts packets, those that wait in Engine.IO for the next poll among them; `'drop'` leaves a packet out with its
 * attachments and tells nobody.
 *
 * @throws InvalidOptionsError, or WatertightError `WATERTIGHT_E_GUARD` when the server is not attached.
 */
export function guardEngine(io: Server, options: DecisionOptions & UpgradeNetworkOptions): SocketIoGuard {
  throwIfAny(problemsOf(options, WITHOUT_CLOSE_CODES));
  // Typed as always there, and made by `attach`.
  const engine: Server['engine'] | undefined = io.engine;
  if (engine === undefined) {
    throw new WatertightError(
      'WATERTIGHT_E_GUARD',
      'guardEngine needs a Socket.IO server that is attached to an HTTP server',
    );
  }
  const { factory } = options;
  const managers = new WeakMap<EngineSocket, Manager>();
  const admitted = new WeakMap<IncomingMessage, (socket: EngineSocket) => void>();
  const onwards = new WeakMap<IncomingMessage, () => void>();

  const budget = new RefusalBudget(factory, options, ['http']);
  const accept: Door['accept'] = (intake, request, manager) => {
    admitted.set(request, (socket) => {
      managers.set(socket, manager);
      acceptUpgraded(intake, socket);
    });
    intake.giveBack();
    onwards.get(request)?.();
  };
  const desk = new UpgradeDesk(options, { accept }, { budget });
  // There is none where others attached the engine.
  const httpServer: Server['httpServer'] | undefined = io.httpServer;
  const heads = new EarlyHeads(httpServer);
  const decisions = new Decisions(options, (request: IncomingMessage) => request);
  const poll = async (request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> => {
    const transport = new EngineTransport(factory, (connection) => decisions.left(connection));
    transport.handshakeBy(response, decisions);
    const admission = await decisions.decide(request, transport.connection);
    if (!admission.admitted) {
      refuseResponse(response, admission, budget);
      return;
    }
    admitted.set(request, (socket) => {
      managers.set(socket, admission.manager);
      transport.bind(socket);
    });
    next();
  };

  engine.use((request: IncomingMessage, response: unknown, next: () => void) => {
    if (isOfSession(request)) {
      next();
    } else if (isResponse(response)) {
      poll(request, response, next).catch((error: unknown) => {
        factory.recordError(error, 'internal');
        response.destroy();
      });
    } else {
      onwards.set(request, next);
      // Engine.IO keeps what came behind the request, and hands it to the WebSocket.
      desk.upgrade(request, request.socket, heads.of(request), false);
    }
  });
  // Middlewares that were added before this one may take time. Typed as always there, and left out where an engine was bound by hand.
  const server: EventEmitter | undefined = io.httpServer;
  const path = io.path();
  const stopOutliving = server && outliveErrors(server, ({ url = '' }) => url.startsWith(path));
  engine.on('connection', (socket: EngineSocket) => {
    const begin = admitted.get(socket.request);
    // Nobody is let in who was not decided about, in whatever way it came.
    if (begin === undefined) cutOff(socket, 'fin');
    else begin(socket);
  });
  factory.start();
  return {
    factory,
    get pendingCount() {
      return desk.pendingCount + decisions.pendingCount;
    },
    managerOf: (socket) => managers.get(socket.conn),
    close: () => {
      stopOutliving?.();
      heads.close();
      decisions.close();
      // The budget of both with it.
      desk.close();
    },
  };
}

/** What a client that is refused by {@link namespaceGuard} gets as `error.data` in its `connect_error`. */
export type NamespaceRefusal = Pick<Refusal, 'reason' | 'retry' | 'retryAfterMs' | 'limit' | 'held'> & {
  readonly status: number;
};

export interface NamespaceGuard extends Guard {
  /** To be passed to `io.use` or `namespace.use`. */
  readonly middleware: (socket: Socket, next: (error?: Error & { data?: unknown }) => void) => void;
  /** The manager of a socket of the namespace. */
  managerOf(socket: Socket): Manager | undefined;
}

/**
 * Guards one namespace: a manager for each of its sockets. A client that is refused learns why by `connect_error`, and may stay in other
 * namespaces. Use {@link guardEngine} where clients are to be refused before they cost anything. To be used behind every other middleware of
 * the namespace: Socket.IO tells nobody when a later one refuses, and the manager would stay for as long as the client does.
 *
 * What waits for a client waits for all its namespaces: against `maxBufferedBytes` the manager is asked that came first. Refusals have no
 * budget here, as each is one packet to somebody who may stay.
 *
 * @throws InvalidOptionsError naming every problem at once.
 */
export function namespaceGuard(options: DecisionOptions<Socket> & AddressOptions): NamespaceGuard {
  throwIfAny(problemsOf(options, OF_NAMESPACES));
  const decisions = new Decisions(options, (socket: Socket) => socket.request);
  const managers = new WeakMap<Socket, Manager>();
  const { factory } = options;
  factory.start();
  return {
    factory,
    get pendingCount() {
      return decisions.pendingCount;
    },
    managerOf: (socket) => managers.get(socket),
    middleware: (socket, next) => {
      const left = (connection: Connection): void => decisions.left(connection);
      const transport = new NamespaceTransport(socket, decisions, left);
      const { connection } = transport;
      void decisions.decide(socket, connection).then((admission) => {
        if (admission.admitted) {
          managers.set(socket, admission.manager);
          next();
          return;
        }
        const isThere = !connection.ended || admission.reason !== 'client-left';
        transport.refused();
        if (isThere) next(refusalError(admission));
      });
    },
    close: () => decisions.close(),
  };
}

const ONE_PACKET =
  'a refusal is one packet, and to end the connection instead would end what else the client has there';
const BY_SOCKET_IO = 'Socket.IO itself ends a client that speaks at a namespace before it is let in';

const OF_NAMESPACES: Absences = {
  maxEarlyBytes: BY_SOCKET_IO,
  maxEarlyMessages: BY_SOCKET_IO,
  maxCloseRefusalsPerSecond: ONE_PACKET,
  maxHttpRefusalsPerSecond: ONE_PACKET,
};

/** A socket of a namespace: its client may go on in others when it ends. */
class NamespaceTransport implements Transport {
  readonly connection: Connection;
  readonly #engine: EngineTransport;
  readonly #socket: Socket;
  readonly #decisions: Decisions<Socket>;
  #isClosing = false;

  constructor(socket: Socket, decisions: Decisions<Socket>, left: (connection: Connection) => void) {
    this.#socket = socket;
    this.#decisions = decisions;
    this.#engine = new EngineTransport(decisions.factory, left, this);
    this.connection = this.#engine.connection;
    this.#engine.bind(socket.conn);
    socket.once('disconnect', (reason: string) => {
      // Only this namespace is over; else the client is, and gone when its socket is.
      if (!this.#isClosing && reason.endsWith('namespace disconnect')) this.#engine.gone('client-close');
      else this.connection.end(causeOf(reason));
    });
  }

  /** Its client is not let in here, and goes on elsewhere. */
  refused(): void {
    this.#engine.gone('client-close');
  }

  ping(): void {
    this.#engine.ping();
  }

  /** What waits for its client, in whatever namespace. */
  unsentBytes(): number {
    return this.#engine.unsentBytes();
  }

  close(_code: number, reason: string): void {
    if (this.#decisions.managerEnded(this.connection, reason)) return;
    this.#isClosing = true;
    this.#socket.disconnect(true);
  }

  destroy(how: 'fin' | 'reset'): void {
    this.#engine.destroy(how);
  }
}

function refusalError({ reason, retry, retryAfterMs, limit, held, httpStatus, message }: Refusal): Error {
  const data: NamespaceRefusal = { reason, retry, retryAfterMs, limit, held, status: httpStatus };
  return Object.assign(new Error(message), { data });
}

/** Packets of Engine.IO are frames of data too, its pongs among them: use is what reaches the code behind it. */
function acceptUpgraded(intake: UpgradeIntake, socket: EngineSocket): void {
  const queue = EngineQueue.of(socket);
  acceptRawWebSocket(intake, {
    framesAreUse: false,
    framesAreBounded: false,
    unsentBytes: () => queue.unsentBytes(),
  });
  if (intake.connection.isBounded) queue.bound(intake.connection);
  socket.on('data', () => intake.connection.used());
  // It knows earlier than the raw socket that what came was not WebSocket.
  socket.once('close', (reason: string) => intake.ended(causeOf(reason)));
}

/** At an upgrade Engine.IO hands in something of its own that cannot say anything. */
function isResponse(response: unknown): response is ServerResponse {
  return response instanceof ServerResponse;
}

/**
 * Every request of a client but its first names its session. Asked as Engine.IO asks, of what it has read itself: whatever it took for the
 * first request of a client, and this did not, would come in without being decided about.
 */
function isOfSession(request: IncomingMessage): boolean {
  const query = Reflect.get(request, '_query') as Readonly<Record<string, unknown>> | undefined;
  return Boolean(query?.['sid']);
}
