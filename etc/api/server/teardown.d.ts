import type { ConnectionRecord } from './connection.ts';
import { Deadline } from './deadline-queue.ts';
import type { NamedFinalizer } from './finalizer-report.ts';
import type { Host } from './host.ts';
import type { OwnedList } from './owned.ts';
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
    /** The longest the event loop held this teardown back; 0 when it did not. Blame it before anything else. */
    readonly eventLoopStalledMs: number;
    /** Sockets destroyed and every finalizer finished within `cleanupDeadlineMs`. */
    readonly deadlineMet: boolean;
}
/** What a teardown came to; the manager makes a {@link ReleaseReport} of it. */
export type TeardownOutcome = Omit<ReleaseReport, 'managerId' | 'user' | 'reason'>;
/** The outcome of a manager that had nothing to let go of. */
export declare const NOTHING_TO_DO: TeardownOutcome;
/** What is to be let go of. */
export interface TeardownPlan {
    readonly connections: readonly ConnectionRecord[];
    readonly scope: OwnedList | undefined;
    readonly reason: string;
    readonly closeCode: number;
    readonly endedAtMs: number;
    /** Whether to wait for work in flight; answers how much there is. */
    readonly inFlight: () => number;
    /** Called when work in flight is waited for no longer, before anything is let go of. */
    readonly drained: () => void;
}
/**
 * The road out of one manager:
 *
 *     0 ms            ≤ deadline − handshake     ≤ 200 ms later       500 ms
 *     drain (close) ─▶ close frame, finalizers ─▶ terminate ─────────▶ all started, overdue named, report
 *
 * It ends early as soon as everything is done; a manager with nothing to wait for never gets here.
 */
export declare class Teardown extends Deadline {
    #private;
    constructor(host: Host, plan: TeardownPlan, done: (outcome: TeardownOutcome) => void);
    start(): void;
    /** Work in flight has ended. */
    workDone(): void;
    /** A socket of the manager was destroyed. */
    connectionGone(): void;
    /** When this teardown should have ended, for the safety net. */
    get overdueAtMs(): number;
    /** Ends whatever the stage: the safety net found it past its deadline. */
    force(): void;
    onDue(_nowMs: number, latenessMs: number): void;
}
