import { type NamedFinalizer, NONE } from './finalizer-report.ts';

/** What became of one manager. Durations are milliseconds from its end. */
export interface ReleaseReport {
  readonly managerId: string;
  readonly user: string;
  readonly reason: string;
  /** When the last socket was destroyed; `null` when there was none, or when one is still there. */
  readonly socketGoneMs: number | null;
  readonly finalizersDoneMs: number;
  readonly finalizersRun: number;
  readonly failed: readonly NamedFinalizer[];
  readonly overdue: readonly NamedFinalizer[];
  /** A peer did not finish the closing handshake within `closeHandshakeMs` and was cut off. */
  readonly stuckClosing: boolean;
  /** The longest the event loop held this teardown back; 0 when it did not. Blame it before anything else. */
  readonly eventLoopStalledMs: number;
  /** Sockets destroyed and every finalizer finished within `cleanupDeadlineMs`. */
  readonly deadlineMet: boolean;
}

/** What a teardown came to; the manager makes a {@link ReleaseReport} of it. */
export type TeardownOutcome = Omit<ReleaseReport, 'managerId' | 'user' | 'reason'>;

/** The outcome of a manager that had nothing to let go of. */
export const NOTHING_TO_DO: TeardownOutcome = Object.freeze({
  socketGoneMs: null,
  finalizersDoneMs: 0,
  finalizersRun: 0,
  failed: NONE,
  overdue: NONE,
  stuckClosing: false,
  eventLoopStalledMs: 0,
  deadlineMet: true,
});

/** The outcome of one whose sockets had gone already. */
export const ONLY_GONE_SOCKETS: TeardownOutcome = Object.freeze({ ...NOTHING_TO_DO, socketGoneMs: 0 });

/** Written out: a spread costs ten times as much, and every release makes one of these. */
export function makeReport(
  of: Pick<ReleaseReport, 'user' | 'reason'> & { readonly id: string },
  outcome: TeardownOutcome,
): ReleaseReport {
  return {
    managerId: of.id,
    user: of.user,
    reason: of.reason,
    socketGoneMs: outcome.socketGoneMs,
    finalizersDoneMs: outcome.finalizersDoneMs,
    finalizersRun: outcome.finalizersRun,
    failed: outcome.failed,
    overdue: outcome.overdue,
    stuckClosing: outcome.stuckClosing,
    eventLoopStalledMs: outcome.eventLoopStalledMs,
    deadlineMet: outcome.deadlineMet,
  };
}
