import type { Target, TargetFailure } from '../target/types.ts';
import type { Complaint } from '../verdict/complaint.ts';
import type { CoverageMatrix, Promises, ScenarioResult } from '../verdict/types.ts';

/** What was seen of a target; the verdict is not part of it. */
export interface Observation {
  /** Handed out by `--user-command`: no report shows them. */
  readonly tokens: readonly string[];
  readonly target: Target | undefined;
  readonly insideView: boolean;
  readonly insideNote: string | undefined;
  readonly factory: boolean;
  readonly promises: Promises;
  readonly scenarios: readonly ScenarioResult[];
  /** What the target complained of until the end of the run. */
  readonly complaints: readonly Complaint[];
  readonly coverage: CoverageMatrix | null;
  readonly socketsOpened: number;
  /** What clients said, by the name of the recipe; `undefined` where none connected. */
  readonly recipe: string | undefined;
  /** Set when the target could not be examined, or ended in the middle. */
  readonly failure: TargetFailure | undefined;
}
