import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

import type { WebSocketServer } from 'ws';

import {
  InvalidOptionsError,
  type Manager,
  type ManagerFactory,
  type Refusal,
  type RefusalReason,
  WatertightError,
} from '../index.ts';
import { refuse } from '../refusals.ts';
import { type Identified, identifyInTime, type Identity } from './identify.ts';
import { closeRefused, endWithResponse, refusalResponse } from './refuse.ts';
import { type IntakeDesk, UpgradeIntake } from './upgrade-intake.ts';

export { Forbidden, type Identity } from './identify.ts';

/** The longest delay a Node timer takes; a longer one would be over at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface GuardOptions {
  readonly factory: ManagerFactory;
  /** Who is this? May be async; the client may leave meanwhile. */
  readonly identify: (request: IncomingMessage) => Identity | PromiseLike<Identity>;
  /** Milliseconds `identify` may take. Default 5 000; `false`: as long as it likes. */
  readonly identifyTimeoutMs?: number | false;
  /** Only upgrades for this path are looked at. Default: every path. Not together with `handles`. */
  readonly path?: string;
  /** Only upgrades for which this answers `true` are looked at. Default: every upgrade. Not together with `path`. */
  readonly handles?: (request: IncomingMessage) => boolean;
  /** `'http'` (default) refuses the upgrade; `'close'` accepts it and closes with a code, which is all that a browser gets to see. */
  readonly refusal?: 'http' | 'close';
  /** Runs while the manager is pending, before the upgrade is answered. Throwing refuses. */
  readonly init?: (manager: Manager, request: IncomingMessage) => unknown;
}

/** What {@link guard} answers. */
export interface Guard {
  readonly factory: ManagerFactory;
  /** Upgrades that are being decided. */
  readonly pendingCount: number;
  /** Stops looking at upgrades and refuses those that are being decided. Servers, sockets and factory stay open: they are yours. Idempotent. */
  close(): void;
}

/**
 * Puts a factory in front of a `WebSocketServer` in `noServer` mode. Its `connection` event then has the manager as third argument:
 *
 * ```js
 * import { createServer } from 'node:http';
 * import { createManagerFactory } from '@watertight/server';
 * import { guard } from '@watertight/server/ws';
 * import { WebSocketServer } from 'ws';
 *
 * const server = createServer();
 * const wss = new WebSocketServer({ noServer: true });
 * const factory = createManagerFactory();
 * guard(server, wss, { factory, identify: (request) => new URL(request.url, 'http://host').searchParams.get('user') });
 *
 * wss.on('connection', (socket, request, manager) => {
 *   manager.every(1000, () => socket.send(`hello ${manager.user}`));
 * });
 * ```
 *
 * @throws InvalidOptionsError, or WatertightError `WATERTIGHT_E_GUARD` when `wss` is not in `noServer` mode.
 */
export function guard(server: Server, wss: WebSocketServer, options: GuardOptions): Guard {
  validate(wss, options);
  const { factory } = options;
  const desk = new UpgradeDesk(server, wss, options);
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
    desk.upgrade(request, socket, head);
  factory.start();
  server.on('upgrade', onUpgrade);
  return {
    factory,
    get pendingCount() {
      return desk.pending.size;
    },
    close: () => {
      server.off('upgrade', onUpgrade);
      desk.close();
    },
  };
}

class UpgradeDesk implements IntakeDesk {
  /** Undecided: whoever takes an intake out of here is the one who answers it. */
  readonly pending = new Map<UpgradeIntake, IncomingMessage>();
  readonly #server: Server;
  readonly #wss: WebSocketServer;
  readonly #options: GuardOptions;

  constructor(server: Server, wss: WebSocketServer, options: GuardOptions) {
    this.#server = server;
    this.#wss = wss;
    this.#options = options;
  }

  /** Node's `upgrade` event: everything up to the intake is synchronous, so the socket is never without an error listener. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.#handles(request, socket)) {
      // Node leaves an upgrade that nobody answers open for ever; others may answer it if there are others than guards.
      const declinedCount = (declined.get(request) ?? 0) + 1;
      declined.set(request, declinedCount);
      if (this.#server.listenerCount('upgrade') === declinedCount) this.#answerNotFound(socket);
      return;
    }
    const intake = new UpgradeIntake(this.#options.factory, socket, head, this);
    this.pending.set(intake, request);
    intake.checkEarly();
    if (this.pending.has(intake)) this.#decide(intake, request);
  }

  left(intake: UpgradeIntake): void {
    this.pending.delete(intake);
    intake.socket.destroy();
  }

  tooMuchEarlyData(intake: UpgradeIntake): void {
    const refusal = refuse('early-data-limit');
    this.#options.factory.recordRefusal(refusal);
    this.#refuse(intake, refusal);
  }

  /** The admission counts this refusal when the manager is closed; the client is told at once. */
  managerEnded(intake: UpgradeIntake, reason: string): void {
    this.#refuse(intake, refuse(REFUSAL_OF_END.get(reason) ?? 'ended-during-init'));
  }

  /** Most upgrades are answered before this returns: nothing is awaited where nothing has to be. */
  #decide(intake: UpgradeIntake, request: IncomingMessage): void {
    const failed = (error: unknown): void => {
      this.pending.delete(intake);
      this.#options.factory.recordError(error, 'connection-listener');
      intake.socket.destroy();
    };
    try {
      const answered = andThen(identifyInTime(request, this.#options), (identified) =>
        this.#admit(intake, request, identified),
      );
      if (answered === undefined) return;
      intake.awaitAnswer();
      answered.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }

  #admit(
    intake: UpgradeIntake,
    request: IncomingMessage,
    { identity, refusal }: Identified,
  ): undefined | Promise<undefined> {
    if (!this.pending.has(intake)) return undefined;
    const { factory, init } = this.#options;
    if (refusal !== undefined) {
      factory.recordRefusal(refusal);
      this.#refuse(intake, refusal);
      return undefined;
    }
    const admission = factory.decide(identity, {
      connection: intake.connection,
      init: init === undefined ? undefined : (manager) => init(manager, request),
    });
    return andThen(admission, (decided) => {
      if (!decided.admitted) this.#refuse(intake, decided);
      else if (this.pending.has(intake)) this.#accept(intake, request, decided.manager);
      return undefined;
    });
  }

  /** From here to the connection event nothing is awaited: no byte and no end can come in between. */
  #accept(intake: UpgradeIntake, request: IncomingMessage, manager: Manager): void {
    const head = intake.handOver();
    this.pending.delete(intake);
    this.#wss.handleUpgrade(request, intake.socket, head, (webSocket) => {
      intake.accepted(webSocket);
      this.#wss.emit('connection', webSocket, request, manager);
    });
  }

  /** Tells the client, unless it has its answer already or is gone. */
  #refuse(intake: UpgradeIntake, refusal: Refusal): void {
    const request = this.pending.get(intake);
    this.pending.delete(intake);
    const { socket } = intake;
    if (request === undefined || intake.connection.ended || socket.destroyed) return;
    if (this.#options.refusal !== 'close') {
      intake.handOver();
      socket.resume();
      endWithResponse(socket, refusalResponse(refusal));
      return;
    }
    this.#wss.handleUpgrade(request, socket, intake.handOver(), (webSocket) => {
      closeRefused(webSocket, refusal);
      socket.resume();
    });
  }

  close(): void {
    for (const intake of this.pending.keys()) this.#refuse(intake, refuse('factory-closed'));
  }

  #handles(request: IncomingMessage, socket: Duplex): boolean {
    const { path, handles, factory } = this.#options;
    if (handles === undefined) return path === undefined || pathOf(request) === path;
    try {
      return handles(request);
    } catch (error) {
      factory.recordError(error, 'identify');
      socket.destroy();
      return false;
    }
  }

  #answerNotFound(socket: Duplex): void {
    socket.on('error', () => socket.destroy());
    endWithResponse(socket, 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  }
}

/** Why a manager that was ended before its upgrade was answered, as the client is told it. */
const REFUSAL_OF_END: ReadonlyMap<string, RefusalReason> = new Map([
  ['init-failed', 'init-failed'],
  ['pending-timeout', 'init-timeout'],
  ['factory-closed', 'factory-closed'],
]);

/** How many guards did not want a request. */
const declined = new WeakMap<IncomingMessage, number>();

/** Goes on at once with what is there already. */
function andThen<Value, Result>(
  value: Value | Promise<Value>,
  next: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function validate(wss: WebSocketServer, options: GuardOptions): void {
  const { identifyTimeoutMs, path, handles, refusal } = options;
  const problems: string[] = [];
  if (typeof options.factory?.admit !== 'function') problems.push('factory must be a manager factory');
  if (typeof options.identify !== 'function') problems.push('identify must be a function');
  if (path !== undefined && handles !== undefined) problems.push('path and handles exclude each other');
  if (path !== undefined && !path.startsWith('/')) problems.push(`path must begin with /, got ${JSON.stringify(path)}`);
  if (refusal !== undefined && refusal !== 'http' && refusal !== 'close')
    problems.push(`refusal must be 'http' or 'close', got ${JSON.stringify(refusal)}`);
  if (
    identifyTimeoutMs !== undefined &&
    identifyTimeoutMs !== false &&
    !(identifyTimeoutMs > 0 && identifyTimeoutMs <= MAX_TIMER_MS)
  ) {
    problems.push(
      `identifyTimeoutMs must be a number above 0 and at most ${MAX_TIMER_MS} ms, or false to switch it off; got ${String(identifyTimeoutMs)}`,
    );
  }
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  if (wss.options.noServer !== true) {
    throw new WatertightError(
      'WATERTIGHT_E_GUARD',
      'guard needs a WebSocketServer made with { noServer: true }; otherwise two would answer each upgrade',
    );
  }
}
