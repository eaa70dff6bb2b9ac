import type { StepDefinition } from './scenarios/types.ts';
import type { InsufficientData, MemoryGrowth, ResourceGrowth } from './verdict/growth.ts';
import type { Snapshot } from './verdict/snapshot.ts';
import type { StepResult, TimingSummary, Violation } from './verdict/types.ts';
import type { ViolationType } from './verdict/violation-types.ts';
/** What a tracker may be told beforehand; everything is optional. */
export interface TrackerOptions {
    /** Name in results and messages. Default `tracker`. */
    readonly scenario?: string;
    readonly purpose?: string;
    /** The steps that have to be looked at: one that never is counts as `not run`. Default none. */
    readonly steps?: readonly StepDefinition[];
    /** Violations expected by name, as by `ResourceLeakTracker.expect`. Default none. */
    readonly expected?: readonly ViolationType[];
    /** Once aborted, every further step is `not run`, with the abort's reason as note. Default: never. */
    readonly signal?: AbortSignal;
    /** Milliseconds, monotonic. Default `performance.now`. */
    readonly now?: () => number;
    /**
     * Asked before a broken step counts. A reason why it proves nothing, such as a target that has died meanwhile, makes the
     * step `not run`. It must not reject. Default: every broken step counts.
     */
    readonly doubt?: () => Promise<string | undefined>;
    /** Called with every violation that was not expected. It must not throw. Default: nothing. */
    readonly onViolation?: (violation: Violation) => void;
}
/** Everything a tracker knows. */
export interface TrackerSummary {
    readonly snapshots: readonly Snapshot[];
    readonly steps: readonly StepResult[];
    readonly violations: readonly Violation[];
    readonly unexpectedCount: number;
    readonly criticalCount: number;
    /** Expected by name and not seen (yet). */
    readonly expectedMissing: readonly ViolationType[];
    readonly timings: Readonly<Record<string, TimingSummary>>;
    readonly resourceGrowth: ResourceGrowth | InsufficientData;
    /** Informational: never decides a verdict. */
    readonly memoryGrowth: MemoryGrowth | InsufficientData;
}
