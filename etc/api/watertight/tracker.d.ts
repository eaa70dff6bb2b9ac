import type { StepOutcome, StepRecorder } from './scenarios/types.ts';
import type { TrackerOptions, TrackerSummary } from './tracker-options.ts';
import type { Finding } from './verdict/finding.ts';
import { type InsufficientData, type MemoryGrowth, type ResourceGrowth } from './verdict/growth.ts';
import { type Snapshot, type SnapshotSource } from './verdict/snapshot.ts';
import type { CoverageMatrix, Figure, ScenarioResult, Severity, TimingSummary, Violation } from './verdict/types.ts';
import type { WindowEvidence } from './verdict/window-evidence.ts';
import { type ViolationType } from './verdict/violation-types.ts';
/**
 * Collects what one test or scenario saw: snapshots, timings, steps and violations. Nothing it records can be
 * overlooked: {@link assertClean} throws on every violation that was not expected by name, and so does disposing a
 * tracker that was never asked.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { ResourceLeakTracker } from 'watertight';
 *
 * const held = new Map<string, number>();
 * const counts = () => ({
 *   managers: held.size, created: 1, released: 1 - held.size, limitHits: 0, users: held.size, perUser: Object.fromEntries(held),
 * });
 * const tracker = new ResourceLeakTracker();
 * held.set('test-user-1', 1);
 * await tracker.takeSnapshot('connected', counts);
 * held.delete('test-user-1');
 * const after = await tracker.takeSnapshot('disconnected', counts);
 * assert.equal(after.cleanupRatio, 1);
 * if (after.managers > 0) tracker.recordViolation('managers-left', 'critical', { managers: after.managers });
 * tracker.assertClean();
 * ```
 */
export declare class ResourceLeakTracker implements StepRecorder, Disposable {
    #private;
    constructor(options?: TrackerOptions);
    /**
     * Records a labelled moment. The first snapshot is the baseline of the memory deltas. Rejects with what `source` throws, and with a
     * RangeError that names every count that is no whole number of at least 0.
     */
    takeSnapshot(label: string, source: SnapshotSource): Promise<Snapshot>;
    /**
     * Adds one measured duration of an operation, in milliseconds, and answers the operation's summary so far.
     *
     * @throws RangeError for a duration that is none, such as `NaN` or one below 0.
     */
    recordTiming(operation: string, ms: number): TimingSummary;
    timing(operation: string, ms: number): void;
    figure(name: string, value: Figure): void;
    finding(finding: Finding): void;
    evidence(evidence: WindowEvidence): void;
    coverage(matrix: CoverageMatrix): void;
    /** The fault matrix handed over by `suite-coverage`, else `null`. */
    get coverageMatrix(): CoverageMatrix | null;
    /** Declares that this violation is expected. One that then does not occur is a violation itself, at {@link assertClean}. */
    expect(type: ViolationType): this;
    /**
     * Records a violation; `message` defaults to a sentence made of the evidence.
     *
     * @throws RangeError for a type that is none of the known ones.
     */
    recordViolation(type: ViolationType, severity: Severity, evidence: Readonly<Record<string, Figure>>, message?: string): Violation;
    /** Every violation so far, in the order seen. */
    get violations(): readonly Violation[];
    /** Runs one step and records what became of it. A thrown error makes it `inconclusive`, an abort `not run`. */
    step(id: string, run: () => Promise<StepOutcome> | StepOutcome): Promise<boolean>;
    skip(id: string, status: 'not visible' | 'not promised' | 'inconclusive' | 'not run', note: string): void;
    analyzeResourceGrowth(): ResourceGrowth | InsufficientData;
    /** Total, peak and mean growth in bytes. Informational: no verdict is taken from it. */
    analyzeMemoryGrowth(): MemoryGrowth | InsufficientData;
    getSummary(): TrackerSummary;
    /**
     * Throws an {@link UncleanError} that names every violation that was not expected, every expected one that did not
     * occur, and every step that was inconclusive or not run, those of the list that nobody looked at included.
     */
    assertClean(): void;
    /**
     * Like {@link assertClean}, when something was recorded or has to be looked at that neither `assertClean()` nor `result()` has told
     * anybody about. Where what is around `using` threw before, that error is the `suppressed` one of the `SuppressedError`.
     */
    [Symbol.dispose](): void;
    /** The scenario's result. Steps of the list nobody looked at are `not run`, with `unreachedNote` as reason. */
    result(unreachedNote?: string): ScenarioResult;
}
