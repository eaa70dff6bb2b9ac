import type { StepOutcome, StepRecorder } from './scenarios/types.ts';
import type { TrackerOptions, TrackerSummary } from './tracker-options.ts';
import { decideScenario } from './verdict/decide.ts';
import type { Finding } from './verdict/finding.ts';
import { PlayAgain } from './verdict/play-again.ts';
import {
  analyzeMemoryGrowth,
  analyzeResourceGrowth,
  type InsufficientData,
  type MemoryGrowth,
  type ResourceGrowth,
} from './verdict/growth.ts';
import {
  ownMemory,
  subtractMemory,
  toCounts,
  type MemoryRecord,
  type Snapshot,
  type SnapshotSource,
} from './verdict/snapshot.ts';
import { Timings } from './verdict/timings.ts';
import type {
  CoverageMatrix,
  Figure,
  ScenarioResult,
  Severity,
  StepResult,
  TimingSummary,
  Violation,
} from './verdict/types.ts';
import { sentenceOf } from './verdict/sentence.ts';
import { UncleanError, whatIsUnclean } from './verdict/unclean-error.ts';
import type { WindowEvidence } from './verdict/window-evidence.ts';
import { VIOLATION_TYPES, type ViolationType } from './verdict/violation-types.ts';

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
export class ResourceLeakTracker implements StepRecorder, Disposable {
  readonly #options: TrackerOptions;
  readonly #scenario: string;
  readonly #now: () => number;
  readonly #startedAtMs: number;
  readonly #expected: Set<ViolationType>;
  readonly #violations: Omit<Violation, 'expected'>[] = [];
  readonly #steps: StepResult[] = [];
  readonly #snapshots: Snapshot[] = [];
  readonly #timings = new Timings();
  readonly #figures: Record<string, Figure> = {};
  readonly #findings: Finding[] = [];
  #baseline: MemoryRecord | undefined;
  #evidence: WindowEvidence | undefined;
  #coverage: CoverageMatrix | null = null;
  #currentStep: string | undefined;
  /** Violations and steps that somebody has already been told about. */
  #toldCount = 0;

  constructor(options: TrackerOptions = {}) {
    this.#options = options;
    this.#scenario = options.scenario ?? 'tracker';
    this.#now = options.now ?? (() => performance.now());
    this.#startedAtMs = this.#now();
    this.#expected = new Set(options.expected);
  }

  /**
   * Records a labelled moment. The first snapshot is the baseline of the memory deltas. Rejects with what `source` throws, and with a
   * RangeError that names every count that is no whole number of at least 0.
   */
  async takeSnapshot(label: string, source: SnapshotSource): Promise<Snapshot> {
    const counts = toCounts(typeof source === 'function' ? await source() : source);
    const memory = counts.memory ?? ownMemory();
    this.#baseline ??= memory;
    const snapshot: Snapshot = Object.freeze({
      ...counts,
      // A copy: the caller may go on counting in the object it handed over.
      perUser: Object.freeze({ ...counts.perUser }),
      label,
      takenAtMs: this.#now() - this.#startedAtMs,
      cleanupRatio: counts.created === 0 ? 1 : counts.released / counts.created,
      memory,
      memoryDelta: subtractMemory(memory, this.#baseline),
    });
    this.#snapshots.push(snapshot);
    return snapshot;
  }

  /**
   * Adds one measured duration of an operation, in milliseconds, and answers the operation's summary so far.
   *
   * @throws RangeError for a duration that is none, such as `NaN` or one below 0.
   */
  recordTiming(operation: string, ms: number): TimingSummary {
    return this.#timings.record(operation, ms);
  }

  timing(operation: string, ms: number): void {
    this.recordTiming(operation, ms);
  }

  figure(name: string, value: Figure): void {
    this.#figures[name] = value;
  }

  finding(finding: Finding): void {
    this.#findings.push(finding);
  }

  evidence(evidence: WindowEvidence): void {
    this.#evidence = evidence;
  }

  coverage(matrix: CoverageMatrix): void {
    this.#coverage = matrix;
  }

  /** The fault matrix handed over by `suite-coverage`, else `null`. */
  get coverageMatrix(): CoverageMatrix | null {
    return this.#coverage;
  }

  /** Declares that this violation is expected. One that then does not occur is a violation itself, at {@link assertClean}. */
  expect(type: ViolationType): this {
    this.#expected.add(type);
    return this;
  }

  /**
   * Records a violation; `message` defaults to a sentence made of the evidence.
   *
   * @throws RangeError for a type that is none of the known ones.
   */
  recordViolation(
    type: ViolationType,
    severity: Severity,
    evidence: Readonly<Record<string, Figure>>,
    message?: string,
  ): Violation {
    if (!Object.hasOwn(VIOLATION_TYPES, type))
      throw new RangeError(
        `${JSON.stringify(type)} is no type of violation; known are ${Object.keys(VIOLATION_TYPES).join(', ')}`,
      );
    return this.#violate({
      type,
      kind: VIOLATION_TYPES[type],
      severity,
      scenario: this.#scenario,
      step: this.#currentStep ?? `${this.#scenario}/recorded`,
      message: message ?? sentenceOf(type, evidence),
      evidence: { ...evidence },
    });
  }

  /** Every violation so far, in the order seen. */
  get violations(): readonly Violation[] {
    return this.#violations.map((violation) => ({ ...violation, expected: this.#expected.has(violation.type) }));
  }

  /** Runs one step and records what became of it. A thrown error makes it `inconclusive`, an abort `not run`. */
  async step(id: string, run: () => Promise<StepOutcome> | StepOutcome): Promise<boolean> {
    const abortedBefore = abortNote(this.#options.signal);
    if (abortedBefore !== undefined) {
      this.skip(id, 'not run', abortedBefore);
      return false;
    }
    const startedAtMs = this.#now();
    this.#currentStep = id;
    try {
      const outcome = await run();
      const elapsedMs = this.#now() - startedAtMs;
      const doubt = outcome.ok ? undefined : await this.#options.doubt?.();
      if (doubt === undefined) this.#conclude(id, outcome, elapsedMs);
      else this.#addStep(id, 'not run', { note: doubt, elapsedMs });
      return outcome.ok;
    } catch (error) {
      if (error instanceof PlayAgain) throw error;
      const note = error instanceof Error ? error.message : String(error);
      const aborted = abortNote(this.#options.signal);
      this.#addStep(id, aborted === undefined ? 'inconclusive' : 'not run', {
        note: aborted ?? note,
        elapsedMs: this.#now() - startedAtMs,
      });
      return false;
    } finally {
      this.#currentStep = undefined;
    }
  }

  skip(id: string, status: 'not visible' | 'not promised' | 'inconclusive' | 'not run', note: string): void {
    this.#addStep(id, status, { note, elapsedMs: 0 });
  }

  analyzeResourceGrowth(): ResourceGrowth | InsufficientData {
    return analyzeResourceGrowth(this.#snapshots);
  }

  /** Total, peak and mean growth in bytes. Informational: no verdict is taken from it. */
  analyzeMemoryGrowth(): MemoryGrowth | InsufficientData {
    return analyzeMemoryGrowth(this.#snapshots);
  }

  getSummary(): TrackerSummary {
    const violations = this.violations;
    return {
      snapshots: [...this.#snapshots],
      steps: [...this.#steps],
      violations,
      unexpectedCount: violations.filter((violation) => !violation.expected).length,
      criticalCount: violations.filter((violation) => violation.severity === 'critical').length,
      expectedMissing: this.#expectedMissing(),
      timings: this.#timings.summaries(),
      resourceGrowth: this.analyzeResourceGrowth(),
      memoryGrowth: this.analyzeMemoryGrowth(),
    };
  }

  /**
   * Throws an {@link UncleanError} that names every violation that was not expected, every expected one that did not
   * occur, and every step that was inconclusive or not run, those of the list that nobody looked at included.
   */
  assertClean(): void {
    const error = this.#uncleanError();
    this.#toldCount = this.#recordCount();
    if (error !== undefined) throw error;
  }

  /**
   * Like {@link assertClean}, when something was recorded or has to be looked at that neither `assertClean()` nor `result()` has told
   * anybody about. Where what is around `using` threw before, that error is the `suppressed` one of the `SuppressedError`.
   */
  [Symbol.dispose](): void {
    if (this.#recordCount() > this.#toldCount) this.assertClean();
  }

  /** The scenario's result. Steps of the list nobody looked at are `not run`, with `unreachedNote` as reason. */
  result(unreachedNote = 'the scenario ended before this step'): ScenarioResult {
    const order = new Map((this.#options.steps ?? []).map((step, index) => [step.id, index]));
    const steps = [...this.#steps, ...this.#unreached(unreachedNote)].toSorted(
      (a, b) => (order.get(a.id) ?? Infinity) - (order.get(b.id) ?? Infinity) || 0,
    );
    const violations = this.violations;
    this.#toldCount = this.#recordCount();
    return {
      name: this.#scenario,
      purpose: this.#options.purpose ?? '',
      verdict: decideScenario(steps, violations),
      steps,
      violations,
      timings: this.#timings.summaries(),
      samplesMs: this.#timings.samplesMs(),
      figures: { ...this.#figures },
      findings: [...this.#findings],
      ...(this.#evidence === undefined ? {} : { evidence: this.#evidence }),
      elapsedMs: this.#now() - this.#startedAtMs,
    };
  }

  #conclude(id: string, outcome: StepOutcome, elapsedMs: number): void {
    const figures = outcome.figures ?? {};
    if (outcome.ok) {
      this.#addStep(id, 'held', { figures, elapsedMs });
      return;
    }
    const type = outcome.type ?? 'promise-broken';
    const kind = outcome.kind ?? VIOLATION_TYPES[type];
    const message = outcome.message ?? sentenceOf(type, figures);
    this.#addStep(id, 'broken', { note: message, figures, elapsedMs });
    const severity = outcome.severity ?? (kind === 'leak' ? 'critical' : 'high');
    this.#violate({ type, kind, severity, scenario: this.#scenario, step: id, message, evidence: { ...figures } });
  }

  #addStep(
    id: string,
    status: StepResult['status'],
    rest: Partial<Pick<StepResult, 'note' | 'figures' | 'elapsedMs'>>,
  ): void {
    const title = this.#options.steps?.find((step) => step.id === id)?.title ?? id;
    this.#steps.push({ id, title, status, figures: {}, elapsedMs: 0, ...rest });
  }

  #violate(violation: Omit<Violation, 'expected'>): Violation {
    this.#violations.push(violation);
    const complete = { ...violation, expected: this.#expected.has(violation.type) };
    if (!complete.expected) this.#options.onViolation?.(complete);
    return complete;
  }

  #expectedMissing(): ViolationType[] {
    return [...this.#expected].filter((type) => !this.#violations.some((violation) => violation.type === type));
  }

  #recordCount(): number {
    return this.#violations.length + this.#steps.length + this.#expected.size + (this.#options.steps?.length ?? 0);
  }

  /** Steps of the list that nobody looked at. */
  #unreached(note: string): StepResult[] {
    const seen = new Set(this.#steps.map((step) => step.id));
    return (this.#options.steps ?? [])
      .filter((step) => !seen.has(step.id))
      .map((step): StepResult => ({ ...step, status: 'not run', note, figures: {}, elapsedMs: 0 }));
  }

  #uncleanError(): UncleanError | undefined {
    const steps = [...this.#steps, ...this.#unreached('nobody looked at it')];
    const reasons = whatIsUnclean(this.violations, this.#expectedMissing(), steps);
    return reasons.length === 0 ? undefined : new UncleanError(this.#scenario, reasons);
  }
}

function abortNote(signal: AbortSignal | undefined): string | undefined {
  if (signal?.aborted !== true) return undefined;
  return signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
}
