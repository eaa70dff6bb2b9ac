import { Deadline } from './deadline-queue.ts';
import type { Lease } from './quota/lease.ts';
import { makeReport, NOTHING_TO_DO, type ReleaseReport, type TeardownOutcome } from './release-report.ts';
import type { Teardown } from './teardown.ts';

/** A manager, as far as its report tells of it. */
interface ReportedManager {
  readonly id: string;
  readonly user: string;
  readonly reason: string;
  readonly state: string;
}

/** What most managers never need, or only at their end: those that live do not carry it. */
export class ManagerExtras {
  emptySinceMs: number | undefined = undefined;
  controller: AbortController | undefined = undefined;
  /** Running only while something is waited for: init, the first connection, or another one. */
  deadline: ManagerDeadline | undefined = undefined;
  /** Work that was started by `run` and has not settled. */
  inFlight = 0;
  /** Work goes on although the manager has closed. */
  workSuspicion: number | undefined = undefined;
  /** When the last of it settled. */
  workedAtMs = 0;
  /** Only where many nodes share the limits. */
  lease: Lease | undefined = undefined;
  teardown: Teardown | undefined = undefined;
  outcome: TeardownOutcome | undefined = undefined;
  #report: ReleaseReport | undefined = undefined;
  /** Somebody asked for the release. */
  #released: Promise<ReleaseReport> | undefined = undefined;
  resolveReleased: ((report: ReleaseReport) => void) | undefined = undefined;

  closed(outcome: TeardownOutcome): void {
    this.outcome = outcome;
    this.teardown = undefined;
  }

  /** The one report of its manager, which is closed. */
  reportOf(manager: ReportedManager): ReleaseReport {
    return (this.#report ??= makeReport(manager, this.outcome ?? NOTHING_TO_DO));
  }

  /** Resolves with {@link reportOf}. */
  releasedOf(manager: ReportedManager): Promise<ReleaseReport> {
    this.#released ??=
      manager.state === 'closed'
        ? Promise.resolve(this.reportOf(manager))
        : new Promise((resolve) => {
            this.resolveReleased = resolve;
          });
    return this.#released;
  }
}

/** Apart from its manager: few need one, and never for long. */
export class ManagerDeadline extends Deadline {
  readonly #manager: { onDue(nowMs: number): void };

  constructor(manager: { onDue(nowMs: number): void }) {
    super();
    this.#manager = manager;
  }

  override onDue(nowMs: number): void {
    this.#manager.onDue(nowMs);
  }
}
