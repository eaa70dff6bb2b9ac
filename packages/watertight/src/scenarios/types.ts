import type { LifeDrive } from '../drive/recipes/types.ts';
import type { Drive, Refused } from '../drive/types.ts';
import type { Counts } from '../evidence/counts.ts';
import type { InsideView } from '../inspector/types.ts';
import type { Road } from '../target/road.ts';
import type { Target } from '../target/types.ts';
import type { Finding } from '../verdict/finding.ts';
import type { CoverageMatrix, Figure, Promises, ScenarioResult, Severity } from '../verdict/types.ts';
import type { WindowEvidence } from '../verdict/window-evidence.ts';
import type { ViolationType } from '../verdict/violation-types.ts';
import type { MatrixRun } from './coverage/matrix-run.ts';
import type { ProgressLine } from './progress-line.ts';

/** How much of the fault matrix is run: a part of the faults, or all, each before the scenario that has to see it; or all before all; or those of production, each before its situation. */
export const COVERAGE_MODES = ['quick', 'classic', 'each', 'full', 'production'] as const;
export type CoverageMode = (typeof COVERAGE_MODES)[number];

/** A step of a scenario's list; its id is what the matrix and the reports name. */
export interface StepDefinition {
  /** `<scenario short name>/<kebab sentence>`: `limit/the-21st-is-refused`. */
  readonly id: string;
  readonly title: string;
}

export interface Scenario {
  readonly name: string;
  /** Longer names of the suite this descends from, accepted by `--only`. */
  readonly aliases: readonly string[];
  readonly purpose: string;
  readonly steps: readonly StepDefinition[];
  /** Which set it belongs to; `critical` is what a run without `--only` and `--suite` does. Default: `critical`. */
  readonly suite?: 'critical' | 'production';
  /** Few connections and none in a burst: what is done by default to a server that others use as well. Default: false. */
  readonly isGentle?: boolean;
  /**
   * What it judges by: `target`, what the whole process holds, so that nobody else may be there; `users`, its own alone; `copies`, processes
   * that it starts itself. Default: `target`. Situations of the last two run beside others.
   */
  readonly looksAt?: 'target' | 'users' | 'copies';
  /** `plain`: its clients only connect; the others follow the recipe, or are its own. */
  readonly clients?: 'plain';
  /** It takes the processor for most of its time; the others mostly wait. Default: false. */
  readonly isBusy?: boolean;
  /** It asks nobody why it was refused, and may begin while a server that was attacked refuses without a word. Default: false. */
  readonly bearsUntoldRefusals?: boolean;
  /** What it opens and takes, said before the run. */
  estimate(context: ScenarioContext): {
    /** Sockets opened at most, not counting clients that are refused and come again. */
    readonly sockets: number;
    /** Sockets opened where nothing is suspected; default: as many as at most. */
    readonly usualSockets?: number;
    readonly seconds: number;
    /** Open at the same time, for the open-files limit; default: all of them, but at most 1 100. */
    readonly atOnce?: number;
  };
  run(context: ScenarioContext): Promise<void>;
}

/** What a scenario gets. It only opens, uses, drops, stalls and closes real sockets, and asks what the target shows. */
export interface ScenarioContext {
  readonly target: Target;
  readonly drive: Drive;
  /** `undefined` when the target cannot be opened: steps that need it are `not visible`. */
  readonly inside: InsideView | undefined;
  readonly promises: Promises;
  /** Reads the gauges of the server's metrics that were asked for; `undefined` when none were. */
  readonly gauges?: (() => Promise<Counts | undefined>) | undefined;
  readonly tracker: StepRecorder;
  /** Opens client lives of the chosen recipe; whoever opens them disposes them. */
  readonly openLives: () => Promise<LifeDrive>;
  readonly cycles: number;
  readonly effort: Effort;
  /** Milliseconds to wait at most for the target to settle. */
  readonly settleMs: number;
  /** Uniform in [0, 1); the run's seed and the scenario's name decide it. */
  readonly random: () => number;
  readonly progress: (line: ProgressLine) => void;
  /** One sentence for whoever watches, which stays. */
  readonly say: (sentence: string) => void;
  /** Aborted on Ctrl-C, time-out, or when the target ended. */
  readonly signal: AbortSignal;
  /** Stop at the first violation: the coverage matrix and the mutants ask only whether a fault is seen. */
  readonly bail: boolean;
  /** With `bail`: the steps of which one has to be violated to stop; what is violated besides is recorded. Default: any. */
  readonly bailAt?: readonly string[] | undefined;
  /** Of every crowd of this play, oldest first, where it is a situation of production. */
  readonly refusals?: Refused[];
  /** What is broken stands, whatever an event loop did meanwhile: of a server that is known to be faulty. Default: false. */
  readonly isFaulty?: boolean;
  /** The long way: a thousand reconnects instead of fifteen, minutes instead of seconds. Default: false. */
  readonly isLong?: boolean;
  /** How long `soak` goes on, and where it writes down how far it is; default: some seconds, and nowhere. */
  readonly soak?: SoakPlan;
  /** Promise, in milliseconds: what a killed process held in a quota that nodes share is free this soon; `undefined`: nothing is shared. */
  readonly leaseMs?: number | undefined;
  /** How the target is reached; default: straight. */
  readonly road?: Road | undefined;
  /** Starts the target once more, beside the one that is examined; `undefined` where it was not started by us. */
  readonly copies?: Copies | undefined;
  /** How much of the fault matrix `suite-coverage` runs; default `quick`. */
  readonly coverageMode?: CoverageMode;
  /** The fault matrix, if it was begun beside the other scenarios; otherwise `suite-coverage` runs it itself. */
  readonly matrix?: MatrixRun | undefined;
  /** What an earlier scenario of the run came to, by name. Default: there was none. */
  readonly resultOf?: (scenario: string) => ScenarioResult | undefined;
}

/** How long a soak goes on. */
export interface SoakPlan {
  /** Over all its sessions, in milliseconds; `undefined`: some seconds. */
  readonly durationMs: number | undefined;
  /** Where it is written down, lap by lap, so that it can be resumed; `undefined`: nowhere. */
  readonly file: string | undefined;
}

/** Starts further processes of the target. */
export interface Copies {
  /**
   * Starts one more and waits until it takes WebSockets. It is told its port by the environment variable `PORT`.
   *
   * @throws Error with a sentence that says why none can run beside the first.
   */
  start(options?: CopyOptions): Promise<Copy>;
}

export interface CopyOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** The command of the next version, if one was given (`--next`), instead of the same. Default: false. */
  readonly isNext?: boolean;
}

/** One more process of the target. Whoever starts it ends it. */
export interface Copy {
  readonly target: Target;
  /** What it was told to listen on. */
  readonly port: number;
  /** Clients for it, with the identity of the run. Whoever opens them disposes them. */
  openDrive(): Drive;
}

/** How much is done to find leaks, and what it may cost the target. */
export interface Effort {
  /** Lives at the same time. */
  readonly concurrency: number;
  /** Each life of the cycles is one of a user of its own, whom the server has not met before; else a few take turns. */
  readonly newUsers: boolean;
  /** What suspicion may cost in all, in milliseconds. */
  readonly budgetMs: number;
  /** Plant a leak of ours also where another was seen; `never`: not even where none was, as somebody else proves that the eyes are open. */
  readonly plant: boolean | 'never';
  /** Look for what stays of peers that fall silent, which waits for as long as silence takes to be noticed. */
  readonly silentPeers: boolean;
  /** Say where what leaks was made and defined; `false` where it is only asked whether a fault is seen, which is cheaper. */
  readonly places: boolean;
  /** `false`: no heap snapshot is ever taken. */
  readonly trace: boolean;
  /** The longest stop a snapshot may cause, in milliseconds. */
  readonly maxStopMs: number;
  /** Where snapshots and profiles are kept; `undefined`: nowhere. */
  readonly artefactDir: string | undefined;
}

/** What a step says that leads managers through their lives, where the factory takes no clock. */
export const TAKES_NO_CLOCK = 'its factory makes no other whose time can be moved by hand';
/** Why nothing was planted where {@link Effort.plant} is `never`, and nobody fell silent without {@link Effort.silentPeers}. */
export const PROVED_ELSEWHERE =
  'it is proved elsewhere: on the target of the check, or for all by the healthy specimen';
/** What a step says that judges metrics where nobody said which. */
export const NO_METRICS_NAMED = 'no metrics of the server were named (--metrics, --gauge)';

export const USUAL_EFFORT: Effort = {
  concurrency: 10,
  newUsers: false,
  budgetMs: 90_000,
  plant: false,
  silentPeers: true,
  places: true,
  trace: true,
  maxStopMs: 10_000,
  artefactDir: undefined,
};

export interface StepOutcome {
  readonly ok: boolean;
  /** Needed when not ok: one sentence with what was seen, what was expected, and units. */
  readonly message?: string;
  /** Needed when not ok, else `promise-broken`. New kinds go into verdict/violation-types.ts. */
  readonly type?: ViolationType;
  /** Default: what the vocabulary says about the type. */
  readonly kind?: 'leak' | 'violation';
  readonly severity?: Severity;
  /** No event loop that stood still explains it, or that was asked already: it counts however busy the machine was. Default: false. */
  readonly isTimeless?: boolean;
  /** For how long what never came was waited for: only an event loop that stood still for a good part of it explains that. Default: 0. */
  readonly waitedMs?: number;
  readonly figures?: Readonly<Record<string, Figure>>;
}

/** How scenarios record; implemented by the tracker. */
export interface StepRecorder {
  /** Runs one step. A thrown error makes the step `inconclusive`, unless it is the abort. Returns whether it held. */
  step(id: string, run: () => Promise<StepOutcome> | StepOutcome): Promise<boolean>;
  /** A step that could not be looked at, with the reason; visible, never passed. */
  skip(id: string, status: 'not visible' | 'not promised' | 'inconclusive' | 'not run', note: string): void;
  timing(operation: string, ms: number): void;
  figure(name: string, value: Figure): void;
  /** One cause of a leak, with everything known about it. */
  finding(finding: Finding): void;
  /** Everything that was counted over the windows. */
  evidence(evidence: WindowEvidence): void;
  /** Hands the fault matrix of `suite-coverage` to the reports. */
  coverage(matrix: CoverageMatrix): void;
}
