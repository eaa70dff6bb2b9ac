import type { FactoryStats } from '@watertight/server';
/** Bytes in use by a process. Informational: no verdict is ever taken from them. */
export interface MemoryRecord {
    readonly heapUsedBytes: number;
    readonly rssBytes: number;
    readonly externalBytes: number;
}
/** The counts of a server that does not use `@watertight/server`. */
export interface CountsRecord {
    readonly managers: number;
    readonly created: number;
    readonly released: number;
    readonly limitHits: number;
    readonly users: number;
    /** Managers by user. */
    readonly perUser: Readonly<Record<string, number>>;
    /** Default: the memory of this process. */
    readonly memory?: MemoryRecord;
}
/** What a snapshot may be taken of: statistics, counts, or a function that yields one of them. */
export type SnapshotSource = FactoryStats | CountsRecord | (() => FactoryStats | CountsRecord | Promise<FactoryStats | CountsRecord>);
/** One labelled moment. */
export interface Snapshot extends Required<CountsRecord> {
    readonly label: string;
    /** Milliseconds since the tracker was made. */
    readonly takenAtMs: number;
    /** Released share of everything created, 0 to 1; 1 when nothing was created yet. */
    readonly cleanupRatio: number;
    /** Bytes above (or below) the first snapshot. */
    readonly memoryDelta: MemoryRecord;
}
/**
 * Brings statistics and plain counts into one shape.
 *
 * @throws RangeError naming every count that is none: it would be in each difference and ratio.
 */
export declare function toCounts(source: FactoryStats | CountsRecord): CountsRecord;
export declare function subtractMemory(later: MemoryRecord, earlier: MemoryRecord): MemoryRecord;
/** Of the process that asks. */
export declare function ownMemory(): MemoryRecord;
