export type AlertSeverity = 'warning' | 'critical';

/** What somebody is told: once when a rule is raised, once when it is over. */
export interface Alert {
  readonly rule: string;
  readonly state: 'firing' | 'resolved';
  readonly severity: AlertSeverity;
  readonly factory: string;
  /** The user it is about, where one can be named. */
  readonly user: string | null;
  /** The signal now. `null` when it no longer applies. */
  readonly value: number | null;
  readonly summary: string;
  /** How long it has been so, or was, in milliseconds. */
  readonly forMs: number;
}
