import type { ConnectionRecord } from './connection-record.ts';
import { Deadline } from './deadline-queue.ts';
import { type FinalizerReport, NONE } from './finalizer-report.ts';
import { FinalizerRun, type FinalizerRunOwner } from './finalizers.ts';
import { type Host, reportError } from './host.ts';
import { LAG_TOLERANCE_MS } from './liveness.ts';
import type { OwnedList } from './owned.ts';
import type { TeardownOutcome } from './release-report.ts';

/** The manager that is let go of. */
export interface TeardownSubject extends OwnedList {
  readonly connections: readonly ConnectionRecord[];
  readonly reason: string;
  /** Work that has been started and has not settled. */
  readonly inFlight: number;
  /** Work in flight is waited for no longer, and nothing has been let go of yet. */
  abort(): void;
  tornDown(teardown: Teardown, outcome: TeardownOutcome): void;
}

export interface TeardownPlan {
  readonly closeCode: number;
  readonly endedAtMs: number;
  /** Work in flight is waited for. */
  readonly drains: boolean;
  /** The slot was free before anything was let go of. */
  readonly slotFree: boolean;
}

/** The report has to be out by the deadline, so the teardown aims a little before it. */
const AIM_SHARE = 0.95;

const NO_FINALIZERS: FinalizerReport = Object.freeze({ finalizersRun: 0, failed: NONE, overdue: NONE });

type Stage = 'idle' | 'draining' | 'handshake' | 'terminated' | 'stalled' | 'finished';

/**
 * The road out of one manager:
 *
 *     0 ms            ≤ deadline − handshake     ≤ 200 ms later       500 ms
 *     drain (close) ─▶ close frame, finalizers ─▶ terminate ─────────▶ all started, overdue named, report
 *
 * It ends early as soon as everything is done; a manager with nothing to wait for never gets here.
 */
export class Teardown extends Deadline implements FinalizerRunOwner {
  readonly plan: TeardownPlan;
  readonly #host: Host;
  readonly #manager: TeardownSubject;
  readonly #connections: readonly ConnectionRecord[];
  #stage: Stage = 'idle';
  #finalizers: FinalizerRun | undefined;
  #report: FinalizerReport = NO_FINALIZERS;
  #socketGoneMs: number | null = null;
  #finalizersDoneMs = 0;
  #stalledMs = 0;
  #stuckClosing = false;

  constructor(host: Host, manager: TeardownSubject, plan: TeardownPlan) {
    super();
    this.plan = plan;
    this.#host = host;
    this.#manager = manager;
    this.#connections = manager.connections;
  }

  start(nowMs: number): void {
    if (this.plan.drains) {
      this.#stage = 'draining';
      this.#wait(Math.max(0, this.#remainingMs(nowMs) - this.#host.options.closeHandshakeMs), nowMs);
    } else {
      this.#letGo(nowMs);
    }
  }

  /** Work in flight has ended. */
  workDone(): void {
    if (this.#stage === 'draining' && this.#manager.inFlight === 0) this.#letGo(this.#host.clock.now());
  }

  /** A socket of the manager was destroyed. */
  connectionGone(): void {
    if (this.#stage === 'finished' || !this.#allGone()) return;
    this.#socketGoneMs = this.#host.clock.now() - this.plan.endedAtMs;
    this.#finishIfDone();
  }

  /** When this teardown should have ended, for the safety net. */
  get overdueAtMs(): number {
    return this.plan.endedAtMs + this.#host.options.cleanupDeadlineMs;
  }

  /** Ends whatever the stage: the safety net found it past its deadline. */
  force(): void {
    this.#terminate();
    this.#finalizers?.startRest();
    this.#finish();
  }

  override onDue(nowMs: number, latenessMs: number): void {
    if (latenessMs > LAG_TOLERANCE_MS) this.#stalledMs = Math.max(this.#stalledMs, latenessMs);
    if (this.#stage === 'draining') this.#letGo(nowMs);
    else if (this.#stage === 'handshake') this.#endHandshake();
    else if (this.#stage === 'terminated') this.#startRest();
    else if (this.#stage === 'stalled') this.#finish();
  }

  #endHandshake(): void {
    this.#stage = 'terminated';
    this.#cutOff();
    const nowMs = this.#host.clock.now();
    this.#wait(this.#remainingMs(nowMs), nowMs);
  }

  #startRest(): void {
    this.#finalizers?.startRest();
    // After a stall, what is ready to finish has not had its turn yet: wait once more before anybody is named.
    if (this.#stalledMs > 0) {
      if (this.#stage === 'terminated') this.#stage = 'stalled';
      this.#wait(this.#host.options.finalizerHoldMs, this.#host.clock.now());
    } else {
      this.#host.clock.setImmediate(() => this.#finish());
    }
  }

  #letGo(startedAtMs: number): void {
    const manager = this.#manager;
    manager.abort();
    for (const connection of this.#connections) connection.startClose(this.plan.closeCode, manager.reason);
    if (manager.tail !== undefined) {
      const finalizers = new FinalizerRun(this.#host, manager, manager.reason, this);
      this.#finalizers = finalizers;
      finalizers.start();
    }
    this.#stage = 'handshake';
    this.#finishIfDone();
    // From when the close frame was sent, however long the finalizers kept us.
    this.#wait(Math.min(this.#host.options.closeHandshakeMs, this.#remainingMs(startedAtMs)), startedAtMs);
  }

  finalizersDone(report: FinalizerReport): void {
    this.#report = report;
    this.#finalizersDoneMs = this.#host.clock.now() - this.plan.endedAtMs;
    if (this.lane !== undefined || this.#stage === 'terminated' || this.#stage === 'stalled') this.#finishIfDone();
  }

  #finishIfDone(): void {
    // A transport may let go while it is told to close: nothing is finished before the finalizers have had their turn.
    if (this.#stage === 'idle' || this.#stage === 'draining' || !this.#allGone()) return;
    if (this.#finalizers === undefined || this.#finalizers.finished) this.#finish();
  }

  #finish(): void {
    if (this.#stage === 'finished') return;
    this.#stage = 'finished';
    this.#host.deadlines.cancel(this);
    this.#finalizers?.finish();
    const allGone = this.#allGone();
    const lastMs = Math.max(this.#socketGoneMs ?? 0, this.#finalizersDoneMs);
    this.#manager.tornDown(this, {
      socketGoneMs: this.#socketGoneMs,
      finalizersDoneMs: this.#finalizersDoneMs,
      finalizersRun: this.#report.finalizersRun,
      failed: this.#report.failed,
      overdue: this.#report.overdue,
      stuckClosing: this.#stuckClosing,
      eventLoopStalledMs: Math.round(this.#stalledMs),
      deadlineMet: allGone && this.#report.overdue.length === 0 && lastMs <= this.#host.options.cleanupDeadlineMs,
    });
  }

  /** The time for the closing handshake is over. */
  #cutOff(): void {
    this.#stuckClosing = !this.#allGone();
    if (this.#stuckClosing) this.#host.tally.stuckClosing += 1;
    this.#terminate();
  }

  #terminate(): void {
    for (const connection of this.#connections) connection.destroy('fin');
  }

  #allGone(): boolean {
    return this.#connections.every((connection) => connection.gone);
  }

  #remainingMs(nowMs: number): number {
    return Math.max(0, this.#host.options.cleanupDeadlineMs * AIM_SHARE - (nowMs - this.plan.endedAtMs));
  }

  #wait(delayMs: number, nowMs: number): void {
    if (this.#stage !== 'finished') this.#host.deadlines.schedule(this, Math.ceil(delayMs), nowMs);
  }
}

/** Tells the owner of the process which finalizers are not done, as what they still hold may be lost to it. */
export function reportOverdue(host: Host, user: string, { overdue }: TeardownOutcome): void {
  for (const { name, registeredAt } of overdue) {
    const error = new Error(
      `Finalizer ${name}, registered at ${registeredAt}, had not finished by the cleanup deadline of ${host.options.cleanupDeadlineMs} ms`,
    );
    reportError(host, error, 'finalizer', user, name);
  }
}
