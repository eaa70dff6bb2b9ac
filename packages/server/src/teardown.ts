/** A finalizer named in a report: what it is called and where it was registered. */
export interface NamedFinalizer {
  readonly name: string;
  /** `file:line`, or `unknown` when registration sites are switched off. */
  readonly registeredAt: string;
  /** Message of what it threw, if it threw. */
  readonly error?: string;
}

/** What became of one manager. */
export interface ReleaseReport {
  readonly managerId: string;
  readonly user: string;
  readonly reason: string;
  readonly socketGoneMs: number | null;
  readonly finalizersDoneMs: number;
  readonly finalizersRun: number;
  readonly failed: readonly NamedFinalizer[];
  readonly overdue: readonly NamedFinalizer[];
  readonly eventLoopStalledMs: number;
  readonly deadlineMet: boolean;
}
