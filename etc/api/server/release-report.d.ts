import { type NamedFinalizer } from './finalizer-report.ts';
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
export declare const NOTHING_TO_DO: TeardownOutcome;
/** The outcome of one whose sockets had gone already. */
export declare const ONLY_GONE_SOCKETS: TeardownOutcome;
/** Written out: a spread costs ten times as much, and every release makes one of these. */
export declare function makeReport(of: Pick<ReleaseReport, 'user' | 'reason'> & {
    readonly id: string;
}, outcome: TeardownOutcome): ReleaseReport;
