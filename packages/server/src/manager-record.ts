import type { Connection, EndCause } from './connection.ts';
import { type ConnectionOwner, ConnectionRecord } from './connection-record.ts';
import type { AdmissionContext, AdmissionRequest } from './context.ts';
import { Deadline } from './deadline-queue.ts';
import { type Ending, type Waiting, waitForRelease } from './ending.ts';
import { ManagerClosedError, WatertightError } from './errors.ts';
import { publish } from './events.ts';
import { type Host, reportError } from './host.ts';
import type { Manager, ManagerState } from './manager.ts';
import { CLOSE_CODES } from './refusals.ts';
import type { Registry } from './registry.ts';
import { makeReport, NOTHING_TO_DO, type ReleaseReport, type TeardownOutcome } from './release-report.ts';
import { ScopeRecord } from './scope-record.ts';
import { Teardown } from './teardown.ts';

/** What a manager needs of its factory beyond what all parts share. */
export interface ManagerHost extends Host {
  readonly idPrefix: string;
  readonly registry: Registry<ManagerRecord>;
  slotFreed(user: string): void;
}

/** */
export class ManagerRecord extends ScopeRecord implements Manager, ConnectionOwner {
  declare protected readonly host: ManagerHost;
  readonly #sessionId: string | undefined;
  readonly #remoteAddress: string | undefined;
  readonly sequence: number;
  readonly createdAtMs: number;
  state: ManagerState = 'pending';
  /** Since when it has had no connection; `undefined` while it has one or when it is not meant to have any. */
  emptySinceMs: number | undefined = undefined;
  everAttached = false;
  inFlight = 0;
  #connections: ConnectionRecord[] | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  /** Why it ended; empty before. */
  reason = '';
  #aborted = false;
  #deadline: ManagerDeadline | undefined = undefined;
  #waiting: Waiting | undefined = undefined;
  #ending: Ending | undefined = undefined;

  constructor(host: ManagerHost, sequence: number, request: AdmissionRequest, nowMs: number) {
    super(host, request.user);
    this.sequence = sequence;
    this.#sessionId = request.sessionId;
    this.#remoteAddress = request.remoteAddress;
    // Whole milliseconds are stored in place, fractions in an object of their own.
    this.createdAtMs = Math.floor(nowMs);
  }

  get id(): string {
    return `${this.host.idPrefix}${this.sequence.toString(36)}`;
  }

  get context(): AdmissionContext {
    return Object.freeze({ user: this.user, sessionId: this.#sessionId, remoteAddress: this.#remoteAddress });
  }

  get connections(): readonly ConnectionRecord[] {
    return this.#connections ?? NO_CONNECTIONS;
  }

  get connectionCount(): number {
    return this.connections.length;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted) this.#controller.abort(this.#abortReason());
    return this.#controller.signal;
  }

  get released(): Promise<ReleaseReport> {
    const waiting = this.#waiting;
    if (waiting !== undefined) return waiting.released;
    const ending = this.#ending;
    // Made anew each time: what an old manager keeps, the garbage collector keeps, and there may be thousands a second of these.
    if (ending === undefined && this.state === 'closed') return Promise.resolve(makeReport(this, NOTHING_TO_DO));
    if (ending?.outcome === undefined) {
      this.#waiting = waitForRelease();
      return this.#waiting.released;
    }
    ending.released ??= Promise.resolve(makeReport(this, ending.outcome));
    return ending.released;
  }

  get teardown(): Teardown | undefined {
    return this.#ending?.teardown;
  }

  /** The last use of any of its connections: what "idle longest" goes by. */
  get usedAtMs(): number {
    return this.connections.reduce((latestMs, connection) => Math.max(latestMs, connection.usedAtMs), this.createdAtMs);
  }

  /** The last inbound byte on any of its connections. */
  get lastInboundMs(): number {
    return this.connections.reduce(
      (latestMs, connection) => Math.max(latestMs, connection.lastInboundMs),
      this.createdAtMs,
    );
  }

  get #isEnded(): boolean {
    return this.state === 'closing' || this.state === 'closed';
  }

  /** From now on it is without the connection that it is to have. */
  expectAttachment(nowMs: number): void {
    this.emptySinceMs = nowMs;
    this.limitPending(nowMs);
  }

  /** Starts the time in which init has to finish, and a connection has to be attached if one is expected. */
  limitPending(nowMs: number): void {
    const { pendingDeadlineMs } = this.host.options;
    if (pendingDeadlineMs !== false) this.#schedule(pendingDeadlineMs, nowMs);
  }

  /** Init is done. Answers `false` when the manager ended meanwhile. */
  commit(): boolean {
    if (this.state !== 'pending') return false;
    this.state = 'active';
    if (this.emptySinceMs === undefined) this.#cancelDeadline();
    publish('watertight:manager:active', this.host.options.name, () => ({ managerId: this.id, user: this.user }));
    return true;
  }

  attach(connection: Connection): void {
    if (this.#isEnded) {
      if (connection instanceof ConnectionRecord) connection.startClose(CLOSE_CODES.closed, 'closed');
      throw new ManagerClosedError('attach', this.state);
    }
    assertAttachable(connection);
    const limit = this.host.options.maxConnectionsPerManager;
    if (limit !== false && this.connectionCount >= limit) {
      throw new WatertightError(
        'WATERTIGHT_E_CONNECTION_LIMIT',
        `the manager holds ${this.connectionCount} connections; at most ${limit} are allowed`,
      );
    }
    const nowMs = this.host.clock.now();
    if (this.#connections === undefined) this.#connections = [connection];
    else this.#connections.push(connection);
    this.everAttached = true;
    this.emptySinceMs = undefined;
    if (this.state === 'active') this.#cancelDeadline();
    connection.attachTo(this, nowMs);
  }

  connectionEnded(_connection: ConnectionRecord, cause: EndCause, endedAtMs: number): void {
    if (this.#isEnded || this.connections.some((connection) => !connection.ended)) return;
    const { releaseGraceMs } = this.host.options;
    this.emptySinceMs = endedAtMs;
    if (releaseGraceMs > 0 && this.state === 'active') this.#schedule(releaseGraceMs, endedAtMs);
    else this.end(this.state === 'pending' ? 'left-during-init' : cause, 'destroy', endedAtMs);
  }

  connectionGone(connection: ConnectionRecord): void {
    if (this.teardown !== undefined) this.teardown.connectionGone();
    else if (!this.#isEnded) this.#connections = this.#connections?.filter((other) => other !== connection);
  }

  /** Time is up: for init, for the first connection, or for the grace after the last one. */
  onDue(nowMs: number): void {
    if (this.state === 'pending') this.end('pending-timeout', 'destroy', nowMs);
    else if (!this.everAttached) this.end('never-attached', 'destroy', nowMs);
    else if (this.emptySinceMs !== undefined) this.end('client-close', 'destroy', nowMs);
  }

  async run<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    if (this.#isEnded) throw new ManagerClosedError('run', this.state);
    this.inFlight += 1;
    try {
      return await work();
    } finally {
      this.inFlight -= 1;
      this.teardown?.workDone();
    }
  }

  close(reason = 'closed'): Promise<ReleaseReport> {
    this.end(reason, 'close');
    return this.released;
  }

  destroy(reason = 'destroyed'): Promise<ReleaseReport> {
    this.end(reason, 'destroy');
    return this.released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The one way out. Whoever comes second finds the slot free already and waits for the same report. */
  end(
    reason: string,
    how: 'close' | 'destroy',
    endedAtMs: number = this.#nowIfNeeded(),
    closeCode: number = CLOSE_CODES.closed,
  ): void {
    if (this.#isEnded) return;
    const host = this.host;
    this.reason = reason;
    this.#cancelDeadline();
    this.state = 'closing';
    const connections = this.connections;
    const drains = how === 'close' && this.inFlight > 0;
    if (!drains) this.#abort();
    if (!drains && this.size === 0 && connections.every((connection) => connection.gone)) {
      this.ended = true;
      host.registry.remove(this);
      host.tally.countRelease(reason);
      this.#freeSlot(0);
      if (connections.length > 0) this.#ending = { teardown: undefined, outcome: undefined, released: undefined };
      this.#closed(connections.length > 0 ? { ...NOTHING_TO_DO, socketGoneMs: 0 } : NOTHING_TO_DO, endedAtMs);
      return;
    }
    const slotFree = host.registry.beginClosing(this);
    if (slotFree) this.#freeSlot(host.clock.now() - endedAtMs);
    publish('watertight:manager:closing', host.options.name, () => ({ managerId: this.id, user: this.user, reason }));
    const inFlight = (): number => (how === 'close' ? this.inFlight : 0);
    const plan = { connections, scope: this, reason, closeCode, endedAtMs, inFlight, drained: () => this.#abort() };
    const teardown = new Teardown(host, plan, (outcome) => {
      host.registry.endClosing(this);
      host.tally.countRelease(reason);
      if (!slotFree) this.#freeSlot(host.clock.now() - endedAtMs);
      this.#closed(outcome, endedAtMs);
    });
    this.#ending = { teardown, outcome: undefined, released: undefined };
    teardown.start();
  }

  #freeSlot(afterMs: number): void {
    this.host.tally.slotReusable.record(afterMs);
    this.host.slotFreed(this.user);
  }

  #closed(outcome: TeardownOutcome, endedAtMs: number): void {
    const { tally, options } = this.host;
    this.state = 'closed';
    if (outcome.socketGoneMs !== null) tally.socketGone.record(outcome.socketGoneMs);
    else if (this.connectionCount > 0) tally.socketGone.record(this.host.clock.now() - endedAtMs);
    tally.finalizersDone.record(outcome.finalizersDoneMs);
    if (this.#ending !== undefined) {
      this.#ending.outcome = outcome;
      this.#ending.teardown = undefined;
    }
    this.#connections = undefined;
    for (const { name, registeredAt } of outcome.overdue) {
      const error = new Error(
        `Finalizer ${name}, registered at ${registeredAt}, had not finished by the cleanup deadline of ${options.cleanupDeadlineMs} ms`,
      );
      reportError(this.host, error, 'finalizer', this.user, name);
    }
    publish('watertight:manager:released', options.name, () => ({ report: makeReport(this, outcome) }));
    this.#waiting?.resolve(makeReport(this, outcome));
  }

  /** The time, for an end that takes time; reading the clock costs more than the end of a manager that never had anything. */
  #nowIfNeeded(): number {
    const hasNothing =
      this.#connections === undefined && this.size === 0 && this.#controller === undefined && this.inFlight === 0;
    return hasNothing ? this.createdAtMs : this.host.clock.now();
  }

  #schedule(delayMs: number, nowMs: number): void {
    this.#deadline ??= new ManagerDeadline(this);
    this.host.deadlines.schedule(this.#deadline, delayMs, nowMs);
  }

  #cancelDeadline(): void {
    if (this.#deadline === undefined) return;
    this.host.deadlines.cancel(this.#deadline);
    this.#deadline = undefined;
  }

  #abort(): void {
    this.#aborted = true;
    this.#controller?.abort(this.#abortReason());
  }

  #abortReason(): ManagerClosedError {
    return new ManagerClosedError('work', `closing (${this.reason})`);
  }
}

/** Apart from its manager: few need one, and never for long. */
class ManagerDeadline extends Deadline {
  readonly #manager: ManagerRecord;

  constructor(manager: ManagerRecord) {
    super();
    this.#manager = manager;
  }

  override onDue(nowMs: number): void {
    this.#manager.onDue(nowMs);
  }
}

/** @throws WatertightError `WATERTIGHT_E_CONNECTION_ENDED` */
export function assertAttachable(connection: Connection): asserts connection is ConnectionRecord {
  if (connection instanceof ConnectionRecord && !connection.ended && connection.owner === undefined) return;
  throw new WatertightError(
    'WATERTIGHT_E_CONNECTION_ENDED',
    'attach needs a connection of this factory that is open and not attached yet',
  );
}

const NO_CONNECTIONS: readonly ConnectionRecord[] = [];
