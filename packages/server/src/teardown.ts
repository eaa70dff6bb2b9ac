import type { ConnectionRecord } from './connection-record.ts';
import { Deadline } from './deadline-queue.ts';
import type { FinalizerReport } from './finalizer-report.ts';
import { FinalizerRun } from './finalizers.ts';
import { type Host, reportError } from './host.ts';
import { LAG_TOLERANCE_MS } from './liveness.ts';
import type { OwnedList } from './owned.ts';
import type { TeardownOutcome } from './release-report.ts';

/** What is to be let go of. */
export interface TeardownPlan {
  readonly connections: readonly ConnectionRecord[];
  readonly scope: OwnedList;
  readonly reason: string;
  readonly closeCode: number;
  readonly endedAtMs: number;
  /** Whether to wait for work in flight; answers how much there is. */
  readonly inFlight: () => number;
  /** Called when work in flight is waited for no longer, before anything is let go of. */
  readonly drained: () => void;
}

/** The report has to be out by the deadline, so the teardown aims a little before it. */
const AIM_SHARE = 0.95;

type Stage = 'idle' | 'draining' | 'handshake' | 'terminated' | 'stalled' | 'finished';

/**
 * The road out of one manager:
 *
 *     0 ms            ≤ deadline − handshake     ≤ 200 ms later       500 ms
 *     drain (close) ─▶ close frame, finalizers ─▶ terminate ─────────▶ all started, overdue named, report
 *
 * It ends early as soon as everything is done; a manager with nothing to wait for never gets here.
 */
export class Teardown extends Deadline {
  readonly #host: Host;
  readonly #plan: TeardownPlan;
  readonly #done: (outcome: TeardownOutcome) => void;
  #stage: Stage = 'idle';
  #finalizers: FinalizerRun | undefined;
  #report: FinalizerReport = { finalizersRun: 0, failed: [], overdue: [] };
  #socketGoneMs: number | null = null;
  #finalizersDoneMs = 0;
  #stalledMs = 0;

  constructor(host: Host, plan: TeardownPlan, done: (outcome: TeardownOutcome) => void) {
    super();
    this.#host = host;
    this.#plan = plan;
    this.#done = done;
  }

  start(): void {
    if (this.#plan.inFlight() > 0) {
      this.#stage = 'draining';
      this.#wait(Math.max(0, this.#remainingMs() - this.#host.options.closeHandshakeMs));
    } else {
      this.#letGo();
    }
  }

  /** Work in flight has ended. */
  workDone(): void {
    if (this.#stage === 'draining' && this.#plan.inFlight() === 0) this.#letGo();
  }

  /** A socket of the manager was destroyed. */
  connectionGone(): void {
    if (this.#stage === 'finished' || !this.#allGone()) return;
    this.#socketGoneMs = this.#elapsedMs();
    this.#finishIfDone();
  }

  /** When this teardown should have ended, for the safety net. */
  get overdueAtMs(): number {
    return this.#plan.endedAtMs + this.#host.options.cleanupDeadlineMs;
  }

  /** Ends whatever the stage: the safety net found it past its deadline. */
  force(): void {
    this.#terminate();
    this.#finalizers?.startRest();
    this.#finish();
  }

  override onDue(_nowMs: number, latenessMs: number): void {
    if (latenessMs > LAG_TOLERANCE_MS) this.#stalledMs = Math.max(this.#stalledMs, latenessMs);
    switch (this.#stage) {
      case 'draining':
        this.#letGo();
        return;
      case 'handshake':
        this.#stage = 'terminated';
        this.#terminate();
        this.#wait(this.#remainingMs());
        return;
      case 'terminated':
        this.#finalizers?.startRest();
        // After a stall, what is ready to finish has not had its turn yet: wait once more before anybody is named.
        if (this.#isFinished()) return;
        if (this.#stalledMs > 0) {
          this.#stage = 'stalled';
          this.#wait(this.#host.options.finalizerHoldMs);
        } else {
          this.#host.clock.setImmediate(() => this.#finish());
        }
        return;
      case 'stalled':
        this.#finish();
        return;
      case 'idle':
      case 'finished':
    }
  }

  #letGo(): void {
    const { connections, scope, closeCode, reason } = this.#plan;
    // A transport may let go while it is told to close: nothing is finished before the finalizers have had their turn.
    this.#stage = 'idle';
    this.#plan.drained();
    for (const connection of connections) connection.startClose(closeCode, reason);
    if (scope.tail === undefined) {
      scope.ended = true;
    } else {
      this.#finalizers = new FinalizerRun(this.#host, scope, reason, (report) => this.#finalizersDone(report));
      this.#finalizers.start();
    }
    this.#stage = 'handshake';
    if (this.#finishIfDone()) return;
    this.#wait(Math.min(this.#host.options.closeHandshakeMs, this.#remainingMs()));
  }

  #finalizersDone(report: FinalizerReport): void {
    this.#report = report;
    this.#finalizersDoneMs = this.#elapsedMs();
    if (this.lane !== undefined || this.#stage === 'terminated' || this.#stage === 'stalled') this.#finishIfDone();
  }

  #finishIfDone(): boolean {
    if (this.#stage === 'idle' || this.#stage === 'draining' || !this.#allGone()) return false;
    if (this.#finalizers !== undefined && !this.#finalizers.finished) return false;
    this.#finish();
    return true;
  }

  #finish(): void {
    if (this.#stage === 'finished') return;
    this.#stage = 'finished';
    this.#host.deadlines.cancel(this);
    this.#finalizers?.finish();
    const { connections } = this.#plan;
    const allGone = this.#allGone();
    if (allGone && connections.length > 0) this.#socketGoneMs ??= 0;
    const lastMs = Math.max(this.#socketGoneMs ?? 0, this.#finalizersDoneMs);
    this.#done({
      socketGoneMs: this.#socketGoneMs,
      finalizersDoneMs: this.#finalizersDoneMs,
      ...this.#report,
      eventLoopStalledMs: Math.round(this.#stalledMs),
      deadlineMet: allGone && this.#report.overdue.length === 0 && lastMs <= this.#host.options.cleanupDeadlineMs,
    });
  }

  #terminate(): void {
    for (const connection of this.#plan.connections) connection.destroy('fin');
  }

  #allGone(): boolean {
    return this.#plan.connections.every((connection) => connection.gone);
  }

  #elapsedMs(): number {
    return this.#host.clock.now() - this.#plan.endedAtMs;
  }

  #remainingMs(): number {
    return Math.max(0, this.#host.options.cleanupDeadlineMs * AIM_SHARE - this.#elapsedMs());
  }

  #isFinished(): boolean {
    return this.#stage === 'finished';
  }

  #wait(delayMs: number): void {
    if (this.#isFinished()) return;
    this.#host.deadlines.schedule(this, Math.ceil(delayMs), this.#host.clock.now());
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
