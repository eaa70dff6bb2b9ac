/** What became of what is closed after everything else. Hooks are named by their function, else by their number. */
export interface LastHooksReport {
  readonly run: number;
  readonly failed: readonly string[];
  readonly overdue: readonly string[];
}

/** What a drain came to. `managers = closed + hardStopped + left`. */
export interface DrainReport {
  readonly reason: string;
  readonly windowMs: number;
  /** Until the last manager was closed; `closeLast` comes after that. */
  readonly durationMs: number;
  /** Managers that held a slot when it began. */
  readonly managers: number;
  /** Closed in their turn, or because `close()` ended the window. */
  readonly closed: number;
  /** Closed at the end of the window, or by `close()` before it, although data was unsent or work under way. */
  readonly hardStopped: number;
  /** Ended by themselves before their turn. */
  readonly left: number;
  /** Whose turn was put off because data was unsent or work under way. */
  readonly putOff: number;
  /** Bytes that were unsent when their connection was closed at the end of the window. */
  readonly unsentBytes: number;
  /** Admissions refused meanwhile. */
  readonly refused: number;
  /** Managers that were not closed within `cleanupDeadlineMs`. */
  readonly deadlineMissed: number;
  readonly closeLast: LastHooksReport;
}
