import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

import type { WebSocket, WebSocketServer } from 'ws';

import { type AdmissionRequest, InvalidOptionsError, type Manager, type ManagerFactory, type Refusal, WatertightError } from '../index.ts';
import { refuse } from '../refusals.ts';
import { endWithResponse, LINGER_MS, refusalCloseReason, refusalResponse } from './refuse.ts';
import { UpgradeIntake } from './upgrade-intake.ts';

const DEFAULT_IDENTIFY_TIMEOUT_MS = 5000;

/** What `identify` may answer: the user, the user with details, or nothing (401). Throwing {@link Forbidden} means 403. */
export type Identity = string | AdmissionRequest | null | undefined;

/** Thrown by `identify` to refuse somebody it knows: HTTP 403, close code 4403. */
export class Forbidden extends Error {
  override name = 'Forbidden';
}

export interface GuardOptions {
  readonly factory: ManagerFactory;
  /** Who is this? May be async; the client may leave meanwhile. */
  readonly identify: (request: IncomingMessage) => Identity | Promise<Identity>;
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
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => desk.upgrade(request, socket, head);
  factory.start();
  server.on('upgrade', onUpgrade);
  return {
    factory,
    get pendingCount() {
      return desk.pending.size;
    },
    close: () => {
      server.off('upgrade', onUpgrade);
      for (const intake of desk.pending) endWithResponse(intake.socket, refusalResponse('factory-closed'));
    },
  };
}

class UpgradeDesk {
  readonly pending = new Set<UpgradeIntake>();
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
      // Node leaves an upgrade that nobody answers open for ever; others may answer it if there are others.
      if (this.#server.listenerCount('upgrade') === 1) this.#answerNotFound(socket);
      return;
    }
    const intake: UpgradeIntake = new UpgradeIntake(this.#options.factory, socket, head, {
      left: () => {
        this.pending.delete(intake);
        socket.destroy();
      },
      tooMuchEarlyData: () => {
        const refusal = refuse('early-data-limit');
        this.#options.factory.recordRefusal(refusal);
        this.#refuse(intake, request, refusal);
      },
    });
    this.pending.add(intake);
    this.#decide(intake, request).then(
      () => this.pending.delete(intake),
      (error: unknown) => {
        this.pending.delete(intake);
        this.#options.factory.recordError(error, 'connection-listener');
        socket.destroy();
      },
    );
  }

  async #decide(intake: UpgradeIntake, request: IncomingMessage): Promise<void> {
    const identified = await this.#identify(request);
    if (intake.connection.ended) return;
    const { factory, init } = this.#options;
    if ('reason' in identified) {
      factory.recordRefusal(identified);
      this.#refuse(intake, request, identified);
      return;
    }
    const admission = await factory.admit(identified, {
      connection: intake.connection,
      ...(init === undefined ? undefined : { init: (manager: Manager) => init(manager, request) }),
    });
    if (!admission.admitted) this.#refuse(intake, request, admission);
    else if (!intake.connection.ended) this.#accept(intake, request, admission.manager);
  }

  async #identify(request: IncomingMessage): Promise<AdmissionRequest | Refusal> {
    try {
      const answer = this.#options.identify(request);
      const identity = answer instanceof Promise ? await this.#inTime(answer) : answer;
      if (identity === TIMED_OUT) return refuse('identify-timeout');
      if (identity === null || identity === undefined) return refuse('unauthenticated');
      return typeof identity === 'string' ? { user: identity, remoteAddress: request.socket.remoteAddress } : identity;
    } catch (error) {
      if (error instanceof Forbidden) return refuse('forbidden');
      this.#options.factory.recordError(error, 'identify');
      return refuse('identify-failed', { cause: error });
    }
  }

  #inTime(answer: Promise<Identity>): Promise<Identity | typeof TIMED_OUT> {
    const { factory, identifyTimeoutMs = DEFAULT_IDENTIFY_TIMEOUT_MS } = this.#options;
    if (identifyTimeoutMs === false) return answer;
    return new Promise((resolve, reject) => {
      const timer = factory.clock.setTimeout(() => resolve(TIMED_OUT), identifyTimeoutMs);
      answer.then(resolve, reject).finally(() => factory.clock.clear(timer));
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

  #refuse(intake: UpgradeIntake, request: IncomingMessage, refusal: Refusal): void {
    this.pending.delete(intake);
    const { socket } = intake;
    if (intake.connection.ended || socket.destroyed) return;
    if (this.#options.refusal !== 'close') {
      intake.handOver();
      socket.resume();
      endWithResponse(socket, refusalResponse(refusal));
      return;
    }
    this.#wss.handleUpgrade(request, socket, intake.handOver(), (webSocket) => closeRefused(webSocket, refusal));
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

const TIMED_OUT: unique symbol = Symbol('identify timed out');

function closeRefused(webSocket: WebSocket, refusal: Refusal): void {
  webSocket.on('error', () => webSocket.terminate());
  webSocket.close(refusal.closeCode, refusalCloseReason(refusal));
  const linger = setTimeout(() => webSocket.terminate(), LINGER_MS).unref();
  webSocket.once('close', () => clearTimeout(linger));
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function validate(wss: WebSocketServer, options: GuardOptions): void {
  const { identifyTimeoutMs, path, handles, refusal } = options;
  const problems: string[] = [];
  if (typeof options.identify !== 'function') problems.push('identify must be a function');
  if (path !== undefined && handles !== undefined) problems.push('path and handles exclude each other');
  if (path !== undefined && !path.startsWith('/')) problems.push(`path must begin with /, got ${JSON.stringify(path)}`);
  if (refusal !== undefined && refusal !== 'http' && refusal !== 'close') problems.push(`refusal must be 'http' or 'close', got ${JSON.stringify(refusal)}`);
  if (identifyTimeoutMs !== undefined && identifyTimeoutMs !== false && !(identifyTimeoutMs > 0)) {
    problems.push(`identifyTimeoutMs must be a number above 0 ms, or false to switch it off; got ${String(identifyTimeoutMs)}`);
  }
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  if (wss.options.noServer !== true) {
    throw new WatertightError('WATERTIGHT_E_GUARD', 'guard needs a WebSocketServer made with { noServer: true }; otherwise two would answer each upgrade');
  }
}
