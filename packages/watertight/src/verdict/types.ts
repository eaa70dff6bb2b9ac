import type { ToldComplaint } from './complaint.ts';
import type { Finding } from './finding.ts';
import type { WindowEvidence } from './window-evidence.ts';
import type { ViolationType } from './violation-types.ts';

export type Verdict = 'watertight' | 'leak' | 'violation' | 'inconclusive' | 'not promised' | 'not visible';

/** Worst first: what a run of several scenarios comes to. */
export type Severity = 'critical' | 'high' | 'medium';

/** A plain observed figure, for the report. */
export type Figure = number | string | boolean | null;

/** A promise broken or something left behind. */
export interface Violation {
  /** Closed vocabulary. */
  readonly type: ViolationType;
  readonly kind: 'leak' | 'violation';
  readonly severity: Severity;
  readonly scenario: string;
  /** Id of the step that saw it, such as `limit/the-21st-is-refused`. */
  readonly step: string;
  /** One sentence: what was seen, what was expected, with units. */
  readonly message: string;
  readonly evidence: Readonly<Record<string, Figure>>;
  /** Set when the run declared beforehand that it expects this violation. */
  readonly expected: boolean;
}

export interface StepResult {
  readonly id: string;
  readonly title: string;
  readonly status: 'held' | 'broken' | 'not visible' | 'not promised' | 'inconclusive' | 'not run';
  /** Why, for every status but `held`. */
  readonly note?: string;
  readonly figures: Readonly<Record<string, Figure>>;
  readonly elapsedMs: number;
}

export interface TimingSummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface ScenarioResult {
  readonly name: string;
  readonly purpose: string;
  readonly verdict: Verdict;
  readonly steps: readonly StepResult[];
  readonly violations: readonly Violation[];
  readonly timings: Readonly<Record<string, TimingSummary>>;
  /** Of each of the timings some samples in milliseconds, sorted, at even ranks, at most 200. Absent in older results. */
  readonly samplesMs?: Readonly<Record<string, readonly number[]>>;
  readonly figures: Readonly<Record<string, Figure>>;
  /** Causes of leaks, the most telling first. */
  readonly findings: readonly Finding[];
  /** What was counted over windows of cycles, where there were any. */
  readonly evidence?: WindowEvidence;
  readonly elapsedMs: number;
}

/** What the target promises, and who said so. */
export interface Promises {
  readonly limit: Promised<number>;
  readonly deadlineMs: Promised<number>;
  readonly emergencyThreshold: Promised<number>;
  readonly silenceDetectedWithinMs: Promised<number>;
}
export type Promised<T> =
  | { readonly by: 'option' | 'config' | 'target'; readonly value: T }
  | { readonly by: 'nobody' };

/** Everything a report may show; computed once, rendered many times. */
export interface CheckResult {
  readonly format: 1;
  readonly tool: { readonly name: 'watertight'; readonly version: string };
  readonly startedAt: string;
  readonly elapsedMs: number;
  readonly command: string;
  readonly seed: number;
  readonly environment: Readonly<Record<string, Figure>>;
  readonly target: {
    readonly label: string;
    readonly url: string;
    readonly pid: number | null;
    readonly insideView: boolean;
    readonly factory: boolean;
  };
  readonly promises: Promises;
  readonly verdict: Exclude<Verdict, 'not promised' | 'not visible'>;
  readonly exitCode: 0 | 1 | 3;
  readonly scenarios: readonly ScenarioResult[];
  /** Warnings, unhandled rejections and uncaught exceptions of the target, from its start to the end of the run. */
  readonly complaints: readonly ToldComplaint[];
  /** The matrix of suite-coverage, when it ran. */
  readonly coverage: CoverageMatrix | null;
  readonly socketsOpened: number;
  /** Why the run ended before its end (Ctrl-C, time-out, the target died, with its last output); `null` when it did not. */
  readonly stopped: string | null;
  /** What this evidence cannot show, in sentences. */
  readonly blindSpots: readonly string[];
  /** What to do next, most useful first. */
  readonly nextSteps: readonly string[];
}

export interface CoverageMatrix {
  readonly scenarios: readonly string[];
  readonly rows: readonly CoverageRow[];
}
/** A cell of the fault matrix in which nothing turned red; `green on the target`, which stands in for the healthy specimen. */
export type QuietCell = 'green' | 'green on the target' | 'not run';

export interface CoverageRow {
  /** `healthy` or the fault's id, such as `D-01`. */
  readonly fault: string;
  readonly title: string;
  /** One per scenario: the first step that turned red, or a {@link QuietCell}. */
  readonly cells: readonly string[];
  readonly caught: boolean;
}
