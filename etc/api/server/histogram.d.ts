import type { DurationStats } from './stats.ts';
/** Bounds that are told, each the end of a bucket: 3.9 ms to 8 s. */
export declare const TOLD_BOUNDS_MS: readonly number[];
/**
 * Durations in buckets of 1/16 octave: an upper bound that is at most 4.4 % too high, at a fixed size, however many are recorded.
 * `perf_hooks.createHistogram` would be exact to three digits at several times the cost of the release it measures.
 */
export declare class DurationHistogram {
    #private;
    constructor(deadlineMs: number);
    /** `isOverdue`: it was not over by then, only given up: at the deadline, or just before. */
    record(durationMs: number, isOverdue?: boolean): void;
    summary(): DurationStats;
}
