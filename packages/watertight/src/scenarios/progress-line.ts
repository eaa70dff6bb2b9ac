/** How far a scenario is. */
export interface ProgressLine {
  readonly step: string;
  readonly done?: number;
  readonly of?: number;
  readonly held?: number;
}
