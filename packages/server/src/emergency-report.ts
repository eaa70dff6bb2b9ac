import type { EmergencyLevel, RemovalKind } from './emergency-plan.ts';

/** What one emergency cleanup did. */
export interface EmergencyReport {
  /** `null` for a run over all users. */
  readonly user: string | null;
  readonly level: EmergencyLevel;
  readonly heldBefore: number;
  /** Suspects who were asked for a sign of life. */
  readonly asked: number;
  /** Of these, how many gave one. */
  readonly answered: number;
  readonly removed: Readonly<Record<RemovalKind, number>>;
  readonly durationMs: number;
}
