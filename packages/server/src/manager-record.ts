import { areAll, NO_CONNECTIONS, withAttached } from './attached.ts';
import { AttachedScope } from './attached-scope.ts';
import { CLOSE_CODES } from './close-codes.ts';
import { reasonOr } from './close-reason.ts';
import type { Connection, EndCause } from './connection.ts';
import { assertAttachable, type ConnectionOwner, ConnectionRecord } from './connection-record.ts';
import { type AdmissionContext, type AdmissionRequest, makeContext } from './context.ts';
import { ManagerClosedError, WatertightError } from './errors.ts';
import { CHANNELS, publishOf } from './events.ts';
import type { Host } from './host.ts';
import { LazyRelease } from './lazy-release.ts';
import type { Manager, ManagerState } from './manager.ts';
import { endOf, eventOf, outlivedBy, releaseOf } from './manager-events.ts';
import { ManagerDeadline, ManagerExtras } from './manager-extras.ts';
import { LAG_TOLERANCE_MS } from './liveness.ts';
import type { OnLimit } from './on-limit.ts';
import type { Lease, LeaseHolder } from './quota/lease.ts';
import type { Leases } from './quota/leases.ts';
import type { Registered, Registry, UserSlots } from './registry.ts';
import type { Hooks } from './options.ts';
import {
  makeReport,
  NOTHING_TO_DO,
  ONLY_GONE_SOCKETS,
  type ReleaseReport,
  type TeardownOutcome,
} from './release-report.ts';
import { reportOverdue, Teardown, type TeardownSubject } from './teardown.ts';

/** What a manager needs of its factory beyond what all parts share. */
export interface ManagerHost extends Host {
  readonly idPrefix: string;
  readonly registry: Registry<ManagerRecord>;
  /** The function given as `onLimit`, if it is one. */
  readonly onLimit: OnLimit | undefined;
  slotFreed(user: string): void;
  readonly readGauges: Hooks['readGauges'];
  /** Where `warnAfterMs` is set: looks at who is admitted from where. */
  readonly longLived: { admitted(manager: ManagerRecord): void } | undefined;
  /** Where many nodes share the limits. */
  readonly leases: Leases | undefined;
}

export class ManagerRecord
  extends AttachedScope
  implements Manager, ConnectionOwner, Registered<ManagerRecord>, TeardownSubject, LeaseHolder
{
  declare protected readonly host: ManagerHost;
  readonly sequence: number;
  state: ManagerState = 'pending';
  /** Why it ended; empty before. */
  reason = '';
  slots: UserSlots<ManagerRecord> | undefined = undefined;
  previous: ManagerRecord | undefined = undefined;
  next: ManagerRecord | undefined = undefined;
  #context: AdmissionContext | undefined = undefined;
  #extras: ManagerExtras | undefined = undefined;

  constructor(host: ManagerHost, sequence: number, request: AdmissionRequest, nowMs: number) {
    super(host, request.user, nowMs);
    this.sequence = sequence;
    if (request.sessionId !== undefined || request.remoteAddress !== undefined) this.#context = makeContext(request);
  }

  get id(): string {
    return `${this.host.idPrefix}${this.sequence.toString(36)}`;
  }

  get context(): AdmissionContext {
    return Object.freeze((this.#context ??= makeContext({ user: this.user })));
  }

  get sessionId(): string | undefined {
    return this.#context?.sessionId;
  }

  get remoteAddress(): string | undefined {
    return this.#context?.remoteAddress;
  }

  /** Since when it has had no connection; `undefined` while it has one or when it is not meant to have any. */
  get emptySinceMs(): number | undefined {
    return this.#extras?.emptySinceMs;
  }

  set emptySinceMs(sinceMs: number | undefined) {
    if (this.#extras !== undefined || sinceMs !== undefined) this.needExtras().emptySinceMs = sinceMs;
  }

  get withoutConnectionSinceMs(): number {
    return Math.floor(this.emptySinceMs ?? this.createdAtMs);
  }

  get inFlight(): number {
    return this.#extras?.inFlight ?? 0;
  }

  get signal(): AbortSignal {
    const extras = this.needExtras();
    extras.controller ??= new AbortController();
    if (this.ended) this.abort();
    return extras.controller.signal;
  }

  get released(): Promise<ReleaseReport> {
    // What never had anything keeps no report either: what an old manager holds, the garbage collector has to keep.
    if (this.#extras === undefined && this.state === 'closed') return Promise.resolve(this.report());
    return this.needExtras().releasedOf(this);
  }

  get teardown(): Teardown | undefined {
    return this.#extras?.teardown;
  }

  /** The last use of any of its connections, or the end of its last work: what "idle longest" goes by. */
  get usedAtMs(): number {
    return Math.max(this.lastUseMs, this.#extras?.workedAtMs ?? 0);
  }

  /** Pending or active: it holds a slot. */
  get isHeld(): boolean {
    return this.state === 'pending' || this.state === 'active';
  }

  get isClosed(): boolean {
    return this.state === 'closed';
  }

  holdLease(lease: Lease): void {
    this.needExtras().lease = lease;
  }

  get isLeased(): boolean {
    return this.#extras?.lease !== undefined;
  }

  /** Whether what its peers say may be passed on. */
  serves(nowMs: number): boolean {
    return this.#extras?.lease?.serves(nowMs) ?? true;
  }

  /** Nothing came from any of its peers for as long as it takes to find one silent, and our own loop was not the reason. */
  isLive(nowMs: number): boolean {
    const { heartbeatIntervalMs, heartbeatMisses } = this.host.options;
    if (heartbeatIntervalMs === false || this.connectionCount === 0) return true;
    if (nowMs - this.lastInboundMs <= heartbeatIntervalMs * (heartbeatMisses + 1) + LAG_TOLERANCE_MS) return true;
    return this.host.deadlines.holdUp.recentMs(nowMs, heartbeatIntervalMs) > 0;
  }

  endForLease(reason: string, closeCode: number): void {
    this.end(reason, 'close', this.host.clock.now(), closeCode);
  }

  /** The limit that many nodes share has refused it: the slot goes back, and its connections stay with whoever brought them. */
  giveBack(reason: string): void {
    const { connections } = this;
    for (const [place, connection] of connections.entries()) {
      connection.detach();
      this.host.registry.census?.detached(this, connections.length - 1 - place);
    }
    this.attached = undefined;
    this.end(reason, 'destroy');
  }

  /** From now on it is without the connection that it is to have. */
  expectAttachment(nowMs: number): void {
    this.emptySinceMs = nowMs;
    this.limitPending(nowMs);
  }

  /** Starts the time in which init has to finish, and a connection has to be attached if one is expected. */
  limitPending(nowMs: number): void {
    const { pendingDeadlineMs } = this.host.options;
    if (pendingDeadlineMs !== false) this.schedule(pendingDeadlineMs, nowMs);
  }

  /** Init is done. Answers `false` when the manager ended meanwhile. */
  commit(): boolean {
    if (this.state !== 'pending') return false;
    this.state = 'active';
    const { census } = this.host.registry;
    if (census !== undefined) census.pending -= 1;
    publishOf(CHANNELS['watertight:manager:active'], this.host, this, eventOf);
    return true;
  }

  attach(connection: Connection, nowMs: number = this.host.clock.now()): void {
    if (!this.isHeld) {
      if (connection instanceof ConnectionRecord) connection.startClose(CLOSE_CODES.closed, 'closed');
      throw new ManagerClosedError('attach', this.state);
    }
    assertAttachable(connection);
    const limit = this.host.options.maxConnectionsPerManager;
    if (limit !== false && this.connectionCount >= limit) {
      throw new WatertightError('WATERTIGHT_E_CONNECTION_LIMIT', `the manager holds ${limit} connections, its limit`);
    }
    this.host.registry.census?.attached(this, this.connectionCount);
    this.attached = withAttached(this.attached, connection);
    this.emptySinceMs = undefined;
    connection.attachTo(this, nowMs);
  }

  connectionEnded(_connection: ConnectionRecord, cause: EndCause, endedAtMs: number): void {
    if (!this.isHeld || !areAll(this.attached, 'ended')) return;
    const { releaseGraceMs } = this.host.options;
    this.emptySinceMs = endedAtMs;
    if (releaseGraceMs > 0 && this.state === 'active') this.schedule(releaseGraceMs, endedAtMs);
    else this.end(this.state === 'pending' ? 'left-during-init' : cause, 'destroy', endedAtMs);
  }

  connectionGone(connection: ConnectionRecord): void {
    const { census } = this.host.registry;
    if (this.isHeld) {
      this.attached = this.connections.filter((other) => other !== connection);
      census?.detached(this, this.connectionCount);
      return;
    }
    if (census !== undefined && this.state === 'closing') census.connections -= 1;
    this.teardown?.connectionGone();
  }

  /** Time is up: for init, for the first connection, or for the grace after the last one. */
  onDue(nowMs: number): void {
    if (this.state === 'pending') this.end('pending-timeout', 'destroy', nowMs);
    else if (this.emptySinceMs !== undefined)
      this.end(this.everAttached ? 'client-close' : 'never-attached', 'destroy', nowMs);
  }

  async run<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    if (!this.isHeld) throw new ManagerClosedError('run', this.state);
    const extras = this.needExtras();
    extras.inFlight += 1;
    try {
      const { leftovers } = this.host;
      return await (leftovers === undefined ? work() : leftovers.within(this, work));
    } finally {
      extras.inFlight -= 1;
      if (extras.inFlight === 0 && extras.workSuspicion !== undefined)
        this.host.suspicions.withdraw(extras.workSuspicion);
      extras.workedAtMs = Math.floor(this.host.clock.now());
      extras.teardown?.workDone();
    }
  }

  close(reason = 'closed'): Promise<ReleaseReport> {
    this.end(reasonOr('closed', reason), 'close');
    return this.release();
  }

  destroy(reason = 'destroyed'): Promise<ReleaseReport> {
    this.end(reasonOr('destroyed', reason), 'destroy');
    return this.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The one way out. Whoever comes second finds the slot free already and waits for the same report. */
  end(
    reason: string,
    how: 'close' | 'destroy',
    endedAtMs: number = this.nowIfNeeded(),
    closeCode: number = CLOSE_CODES.closed,
  ): void {
    if (!this.isHeld) return;
    const { host } = this;
    this.reason = reason;
    this.cancelDeadline();
    const { census } = host.registry;
    if (census !== undefined && this.state === 'pending') census.pending -= 1;
    this.state = 'closing';
    const drains = how === 'close' && this.inFlight > 0;
    if (!drains && this.tail === undefined && areAll(this.attached, 'gone')) {
      this.abort();
      this.leaveSlot();
      host.registry.remove(this);
      host.tally.countRelease(reason);
      this.freeSlot(0);
      this.closed(this.connectionCount > 0 ? ONLY_GONE_SOCKETS : NOTHING_TO_DO, endedAtMs);
      return;
    }
    this.leaveSlot();
    const slotFree = host.registry.beginClosing(this);
    const nowMs = host.clock.now();
    if (slotFree) this.freeSlot(nowMs - endedAtMs);
    publishOf(CHANNELS['watertight:manager:closing'], host, this, endOf);
    const teardown = new Teardown(host, this, { closeCode, endedAtMs, drains, slotFree });
    this.needExtras().teardown = teardown;
    teardown.start(nowMs);
  }

  tornDown({ plan: { slotFree, endedAtMs } }: Teardown, outcome: TeardownOutcome): void {
    const { census } = this.host.registry;
    if (census !== undefined) census.connections -= this.openCount;
    this.host.registry.endClosing(this);
    this.host.tally.countRelease(this.reason);
    if (!slotFree) this.freeSlot(this.host.clock.now() - endedAtMs);
    this.closed(outcome, endedAtMs);
  }

  private leaveSlot(): void {
    this.host.registry.census?.left(this);
  }

  private freeSlot(afterMs: number): void {
    this.host.tally.slotReusable.record(afterMs);
    this.#extras?.lease?.slotFreed();
    this.host.slotFreed(this.user);
  }

  private closed(outcome: TeardownOutcome, endedAtMs: number): void {
    const { tally } = this.host;
    this.state = 'closed';
    if (outcome.socketGoneMs !== null) tally.socketGone.record(outcome.socketGoneMs);
    else if (this.connectionCount > 0) tally.socketGone.record(this.host.clock.now() - endedAtMs);
    tally.finalizersDone.record(outcome.finalizersDoneMs, outcome.overdue.length > 0);
    if (this.attached !== undefined) this.attached = NO_CONNECTIONS;
    // Every other outcome is kept; see `released`.
    const extras = outcome === NOTHING_TO_DO ? this.#extras : this.needExtras();
    extras?.closed(outcome);
    extras?.lease?.holderClosed();
    if (extras !== undefined && extras.inFlight > 0)
      extras.workSuspicion = this.host.suspicions.raise(outlivedBy(this));
    this.host.leftovers?.closed(this);
    if (outcome.overdue.length > 0) reportOverdue(this.host, this.user, outcome);
    if (CHANNELS['watertight:manager:released'].hasSubscribers)
      publishOf(CHANNELS['watertight:manager:released'], this.host, this.report(), releaseOf);
    extras?.resolveReleased?.(this.report());
  }

  private release(): Promise<ReleaseReport> {
    return this.state === 'closed' && this.#extras === undefined ? new LazyRelease(this) : this.released;
  }

  /** The one report of a manager that had anything; see `released` for the others. */
  private report(): ReleaseReport {
    const extras = this.#extras;
    if (extras === undefined) return makeReport(this, NOTHING_TO_DO);
    return extras.reportOf(this);
  }

  private needExtras(): ManagerExtras {
    return (this.#extras ??= new ManagerExtras());
  }

  /** The time, for an end that takes time; reading the clock costs more than the end of a manager that never had anything. */
  private nowIfNeeded(): number {
    const hasNothing = this.attached === undefined && this.tail === undefined && this.#extras === undefined;
    return hasNothing ? this.createdAtMs : this.host.clock.now();
  }

  private schedule(delayMs: number, nowMs: number): void {
    const extras = this.needExtras();
    extras.deadline ??= new ManagerDeadline(this);
    this.host.deadlines.schedule(extras.deadline, delayMs, nowMs);
  }

  private cancelDeadline(): void {
    const deadline = this.#extras?.deadline;
    if (deadline !== undefined) this.host.deadlines.cancel(deadline);
  }

  /** From here on nothing is acquired any more. */
  abort(): void {
    this.ended = true;
    this.#extras?.controller?.abort(new ManagerClosedError('work', `closing (${this.reason})`));
  }
}
