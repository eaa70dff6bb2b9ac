import type { HeapExamination, WorkerExamination } from './heap-types.ts';
import type { FactoryStats, ReleaseReport, ResolvedOptions, UserUsage } from '@watertight/server';
/** What is visible of a target from inside its process. Every call is one evaluation; nothing of it stays behind. */
export interface InsideView {
    readonly pid: number;
    /** Present when the target holds a factory that can be inspected. */
    readonly factory: InsideFactory | undefined;
    /** Resources that keep the event loop alive, by kind (`process.getActiveResourcesInfo`). */
    handles(): Promise<Readonly<Record<string, number>>>;
    /** Live instances by constructor name, after a forced collection. */
    instances(): Promise<Readonly<Record<string, number>>>;
    /** Listeners on `process`, by event. */
    processListeners(): Promise<Readonly<Record<string, number>>>;
    memory(): Promise<{
        readonly heapUsedBytes: number;
        readonly rssBytes: number;
        readonly externalBytes: number;
    }>;
    /** The longest delay of the event loop since the last call, in milliseconds. */
    loopDelayMs(): Promise<number>;
    /**
     * Begins to look into the heap. `samplingIntervalBytes` default 1: exact, and the target allocates more slowly until the
     * examination is closed. One at a time.
     */
    examineHeap(options?: {
        readonly samplingIntervalBytes?: number;
    }): Promise<HeapExamination>;
    /** The same for every worker thread that runs now; `examineHeap` sees the main thread only. `close` ends all of them. */
    examineWorkers(options?: {
        readonly samplingIntervalBytes?: number;
    }): Promise<{
        readonly workers: readonly WorkerExamination[];
        close(): Promise<void>;
    }>;
    /** Closes the inspector that we opened and ends the session. Idempotent. */
    close(): Promise<void>;
}
/** A factory inside the target, asked through its public interface. */
export interface InsideFactory {
    readonly options: ResolvedOptions;
    stats(): Promise<FactoryStats>;
    usage(user: string): Promise<UserUsage>;
    runEmergencyCleanup(user?: string): Promise<{
        readonly removed: number;
        readonly asked: number;
        readonly answered: number;
    }>;
    closeAllForUser(user: string, reason?: string): Promise<readonly ReleaseReport[]>;
    /** Starts closing without waiting for the reports. */
    startCloseAllForUser(user: string, reason?: string): Promise<void>;
    /** Registers a finalizer that never settles with one manager of this user; answers the manager's id. */
    hangFinalizer(user: string): Promise<string>;
    /** Admits a manager to which no connection is ever attached; answers its id, or the refusal's reason. */
    admitUnattached(user: string): Promise<{
        readonly id: string;
    } | {
        readonly refused: string;
    }>;
}
