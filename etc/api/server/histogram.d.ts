import type { DurationStats } from './stats.ts';
/**
 * Durations in buckets of 1/16 octave: an upper bound that is at most 4.4 % too high, at a fixed size, however many are recorded.
 * `perf_hooks.createHistogram` would be exact to three digits at several times the cost of the release it measures.
 */
export declare class DurationHistogram {
    #private;
    constructor(deadlineMs: number);
    record(durationMs: number): void;
    summary(): DurationStats;
}
