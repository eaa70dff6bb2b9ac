import { type MemoryRecord, type Snapshot } from './snapshot.ts';
/** Fewer than two snapshots: there is nothing to compare. */
export interface InsufficientData {
    readonly status: 'insufficient data';
    readonly snapshotCount: number;
}
/** Last snapshot minus first. */
export interface ResourceGrowth {
    readonly status: 'analyzed';
    readonly snapshotCount: number;
    readonly managers: number;
    readonly created: number;
    readonly released: number;
    readonly limitHits: number;
    readonly users: number;
    readonly cleanupRatio: number;
    readonly elapsedMs: number;
}
/** Bytes over the snapshots. Informational: healthy servers grow, and collection happens when it likes. */
export interface MemoryGrowth {
    readonly status: 'analyzed';
    readonly snapshotCount: number;
    /** Last minus first. */
    readonly total: MemoryRecord;
    /** Highest minus first. */
    readonly peak: MemoryRecord;
    readonly meanPerStep: MemoryRecord;
}
export declare function analyzeResourceGrowth(snapshots: readonly Snapshot[]): ResourceGrowth | InsufficientData;
export declare function analyzeMemoryGrowth(snapshots: readonly Snapshot[]): MemoryGrowth | InsufficientData;
