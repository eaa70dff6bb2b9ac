import type { FindingKind, Growth } from './finding.ts';

/** What was counted, look by look: what every verdict on growth stands on. */
export interface WindowEvidence {
  /** The baseline first; `cycles` since the look before, 0 after a mere wait. */
  readonly looks: readonly WindowLook[];
  readonly rows: readonly EvidenceRow[];
  /** What was not looked into, in sentences. */
  readonly unseen: readonly string[];
  /** How the lives of the windows ended, in equal shares. Absent in older results. */
  readonly endings?: readonly string[];
  /** All that did not grow with the cycles, one row for each kind: what a leak is compared with. Absent in older results. */
  readonly controls?: readonly EvidenceRow[];
  /** What grew and is no leak, at most 12 of what has a name. Absent in older results. */
  readonly harmless?: readonly HarmlessGrowth[];
}

/** Something that came to rest, or went by itself. */
export interface HarmlessGrowth {
  readonly kind: FindingKind;
  readonly name: string;
  readonly growth: Extract<Growth, { readonly is: 'bounded' | 'late' }>;
  /** `Session: bounded (fills to 50)`, `Session: late release (after 3.0 s)`. */
  readonly sentence: string;
  /** `+29 +21 +0 in 29 + 33 + 38 cycles`. */
  readonly seen: string;
}

export interface WindowLook {
  readonly cycles: number;
  readonly atMs: number;
  /** After the collection that every look into a heap begins with; `null` where no heap was seen. Absent in older results. */
  readonly heapUsedBytes?: number | null;
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
