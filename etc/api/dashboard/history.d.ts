import type { Overview } from './overview.ts';
/** What is drawn over time, in columns of equal length. */
export interface History {
    /** Milliseconds since the epoch. */
    readonly atMs: readonly number[];
    readonly process: {
        readonly heapUsedBytes: readonly number[];
        readonly loopDelayMs: readonly number[];
    };
    readonly factories: Readonly<Record<string, FactoryHistory>>;
}
export interface FactoryHistory {
    readonly held: readonly number[];
    readonly connections: readonly number[];
    readonly createdPerSecond: readonly number[];
    readonly refusedPerSecond: readonly number[];
}
/** Remembers a few figures of each look, and less of those long ago. */
export declare class HistoryKeeper {
    #private;
    add({ takenAt, process, factories }: Overview): void;
    read(names: readonly string[]): History;
}
