import type { FindingKind } from './finding.ts';

/** What was counted, look by look: what every verdict on growth stands on. */
export interface WindowEvidence {
  /** The baseline first; `cycles` since the look before, 0 after a mere wait. */
  readonly looks: readonly { readonly cycles: number; readonly atMs: number }[];
  readonly rows: readonly EvidenceRow[];
  /** What was not looked into, in sentences. */
  readonly unseen: readonly string[];
}

/** One thing that was counted; memory is in bytes. */
export interface EvidenceRow {
  readonly kind: FindingKind | 'complaints';
  readonly name: string;
  /** One for each look; `null` where it was not counted. */
  readonly counts: readonly (number | null)[];
  /** `null` where it did not grow with the cycles. Of memory it is no verdict. */
  readonly perCycle: number | null;
}
