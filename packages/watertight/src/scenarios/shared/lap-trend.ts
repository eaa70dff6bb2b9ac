import type { Counts } from '../../evidence/counts.ts';

/** What was counted at the end of one lap of a soak. */
export interface LapCounts {
  /** Of all laps so far. */
  readonly cycles: number;
  readonly counts: Counts;
}

export interface LapTrend {
  readonly name: string;
  /** More than at the first lap that counts. */
  readonly grew: number;
  /** Of a thousand cycles. */
  readonly perThousand: number;
}

/** The first laps warm a server up; what it opens then is no trend. */
const WARM_UP_SHARE = 1 / 3;
const FEWEST_LAPS = 4;
/** Fewer than these are not told from what a server opens now and then. */
const FEWEST = 5;
/** Kendall's rank correlation with the cycles: 1 when every later lap shows more. */
const SMALLEST_TAU = 0.6;
/** What has levelled off grows by next to nothing in the second half. */
const SMALLEST_LATE_SHARE = 0.25;

/**
 * What goes on growing with the cycles. A single lap is no evidence, and neither is what levels off: the rise has to be there in
 * nearly every pair of laps after the warm-up, and in their second half as well. Answers `undefined` for too few laps.
 */
export function growingOverLaps(laps: readonly LapCounts[]): readonly LapTrend[] | undefined {
  const counted = laps.slice(Math.floor(laps.length * WARM_UP_SHARE));
  const [first] = counted;
  const last = counted.at(-1);
  if (first === undefined || last === undefined || counted.length < FEWEST_LAPS) return undefined;
  const names = new Set(counted.flatMap(({ counts }) => Object.keys(counts)));
  return [...names].flatMap((name) => {
    const values = counted.map(({ counts }) => counts[name] ?? 0);
    const grew = (values.at(-1) ?? 0) - (values[0] ?? 0);
    const late = (values.at(-1) ?? 0) - (values[Math.floor(values.length / 2)] ?? 0);
    if (grew < FEWEST || tau(values) < SMALLEST_TAU || late < SMALLEST_LATE_SHARE * grew) return [];
    const cycles = Math.max(1, last.cycles - first.cycles);
    return [{ name, grew, perThousand: (grew * 1_000) / cycles }];
  });
}

function tau(values: readonly number[]): number {
  let balance = 0;
  let pairs = 0;
  for (const [later, value] of values.entries()) {
    for (const earlier of values.slice(0, later)) {
      balance += Math.sign(value - earlier);
      pairs += 1;
    }
  }
  return pairs === 0 ? 0 : balance / pairs;
}
