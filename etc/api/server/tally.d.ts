import { DurationHistogram } from './histogram.ts';
import type { RefusalReason } from './refusals.ts';
import type { EarlyBounds, RefusalBounds } from './stats.ts';
/** What only ever grows: totals and durations. Nothing here says how many of anything there are now. */
export declare class Tally {
    #private;
    created: number;
    released: number;
    limitHits: number;
    readonly refusalAnswers: {
        close: number;
        http: number;
        destroy: number;
    };
    /** One of each adapter. */
    readonly refusalBounds: Set<RefusalBounds>;
    readonly earlyBounds: Set<EarlyBounds>;
    asked: number;
    stuckClosing: number;
    longestSliceMs: number;
    readonly refusedByReason: Map<string, number>;
    readonly slotReusable: DurationHistogram;
    readonly socketGone: DurationHistogram;
    readonly finalizersDone: DurationHistogram;
    constructor(deadlineMs: number);
    /** Of all adapters together. */
    get refusalBudget(): RefusalBounds;
    /** Of that adapter which takes the most. */
    get earlyBudget(): EarlyBounds;
    /** Many were asked or closed in slices. */
    noteSlice(durationMs: number): void;
    countRelease(reason: string): void;
    get releasedByReason(): ReadonlyMap<string, number>;
    countRefusal(reason: RefusalReason): void;
}
