/** Whose code a place is in. */
export type Owner =
  | { readonly is: 'application' }
  | { readonly is: 'package'; readonly name: string; readonly version: string | null }
  | { readonly is: 'node' };

/** A place in the source, ready to be read: source maps honoured, path relative to the working folder where it is below it. */
export interface Place {
  readonly functionName: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly owner: Owner;
}

/** One step from the root to what is kept; `edge` is the property, variable, key or index by which the one before holds it. */
export interface RetainingStep {
  readonly edge: string;
  readonly edgeKind: 'property' | 'variable' | 'element' | 'entry' | 'internal' | 'root';
  /** What is held: `Map`, `Session`, `onClose()`. */
  readonly name: string;
  /** For a variable: `module scope`, or the function in which it is declared. */
  readonly scope: string | null;
  readonly place: Place | null;
}

/** What grows, in which unit. */
export type FindingKind =
  | 'objects'
  | 'collection'
  | 'timers'
  | 'listeners'
  | 'handles'
  | 'sockets'
  | 'descriptors'
  | 'native-memory'
  | 'processes'
  | 'threads'
  | 'promises'
  | 'realms'
  | 'managers'
  | 'users'
  | 'gauges';

/** How something behaved over the windows. */
export type Growth =
  | {
      readonly is: 'leak';
      readonly perCycle: number;
      readonly exact: boolean;
      readonly low: number;
      readonly high: number;
    }
  | { readonly is: 'bounded'; readonly at: number }
  | { readonly is: 'late'; readonly afterMs: number }
  | { readonly is: 'undecided'; readonly why: string };

/** The lines around a place, as they were when the check ran. */
export interface SourceExcerpt {
  readonly file: string;
  readonly firstLine: number;
  readonly markedLine: number;
  readonly lines: readonly string[];
}

/** One way by which what stays was allocated: a share of the whole. */
export interface AllocationPath {
  /** Innermost first. */
  readonly stack: readonly Place[];
  readonly objectsPerCycle: number;
  readonly bytesPerCycle: number;
}

/** One cause, with everything known about it. */
export interface Finding {
  /** Stable between runs: a hash of the suspect part of what is known. */
  readonly fingerprint: string;
  readonly kind: FindingKind;
  readonly name: string;
  readonly growth: Growth;
  readonly bytesPerCycle: number | null;
  readonly allocatedAt: Place | null;
  /** Innermost first, from the first frame outside Node's own code. */
  readonly allocationStack: readonly Place[];
  readonly definedAt: Place | null;
  /** The source where it comes from; `null` where it could not be read. Absent in older results. */
  readonly excerpt?: SourceExcerpt | null;
  /** By which stacks it and what hangs on it was allocated, the most bytes first, at most 20. Absent in older results. */
  readonly allocations?: readonly AllocationPath[];
  /** From the root to what is kept; `null` when no trace was made, with the reason in `traceNote`. */
  readonly retainedBy: readonly RetainingStep[] | null;
  /** The same as one line, from what holds it back to the root: `Map sessions (src/chat.ts:12) ← module scope`. */
  readonly keptBy: string | null;
  readonly independentRetainers: number | null;
  readonly traceNote: string | null;
  /**
   * The files that descriptors are open on, the most first; what differs from one to the next stands as `*`. Absent for what is no file,
   * where it is not known, and in older results.
   */
  readonly openOn?: readonly { readonly name: string; readonly count: number }[];
  /** After which endings it stays and after which not; `null` when not told apart. */
  readonly endings: { readonly leaking: readonly string[]; readonly clean: readonly string[] } | null;
  /** What grows with it because it hangs on it. */
  readonly carriedAlong: readonly { readonly name: string; readonly perCycle: number }[];
  readonly windows: readonly { readonly cycles: number; readonly grew: number }[];
  /** After so many cycles it was told from noise, and stayed so; `null` where only the trace knows it. Absent in older results. */
  readonly convictedAfterCycles?: number | null;
  /** The reason from the config's `allow`, when one fits. */
  readonly allowed: string | null;
  /** Whether the baseline knows it; `null` without a baseline. */
  readonly known: boolean | null;
  /** `1 Session per connection (144 B)`. */
  readonly title: string;
  /** One line that says it all. */
  readonly sentence: string;
}
