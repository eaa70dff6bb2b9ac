/** What one emergency cleanup did. */
export interface EmergencyReport {
  /** `null` for a run over all users. */
  readonly user: string | null;
  /** Set when nothing ran because a run ended less than a second ago or is under way; its result is shared. */
  readonly skipped: boolean;
  readonly heldBefore: number;
  readonly asked: number;
  readonly answered: number;
  readonly removed: { readonly dead: number; readonly neverAttached: number; readonly silent: number; readonly forced: number };
  readonly durationMs: number;
}
