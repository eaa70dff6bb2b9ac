import type { Counts } from '../evidence/counts.ts';

/** One window: how many cycles ran in it, and what was counted after it. */
export interface Window {
  readonly cycles: number;
  readonly after: Counts;
}

export interface Growth {
  readonly name: string;
  /** Growth in each window, in order. */
  readonly by: readonly number[];
  readonly perCycle: number;
}

/** Less than this per cycle is not told from noise in windows of some dozens of cycles. */
const SMALLEST_RATE = 0.05;
/** How far the rates of two windows may lie apart and still be the same rate: few cycles make coarse rates. */
const LARGEST_RATIO = 1.7;

/**
 * What grew with the cycles: in every window, and in proportion to the cycles of it. A cache that fills, code that warms
 * up and a straggler do not; one object kept per connection does, and one per tenth connection, too.
 */
export function growingWithCycles(before: Counts, windows: readonly Window[]): readonly Growth[] {
  return growths(before, windows).filter(({ by }) => isProportional(by, windows));
}

/** What is more than before but did not grow in proportion: worth a note, no verdict. */
export function grownOtherwise(before: Counts, windows: readonly Window[]): readonly Growth[] {
  return growths(before, windows).filter(({ by }) => !isProportional(by, windows));
}

function growths(before: Counts, windows: readonly Window[]): Growth[] {
  const last = windows.at(-1)?.after ?? before;
  const cycles = windows.reduce((sum, window) => sum + window.cycles, 0);
  const found: Growth[] = [];
  for (const [name, count] of Object.entries(last)) {
    const total = count - (before[name] ?? 0);
    if (total <= 0) continue;
    const by = windows.map(
      ({ after }, index) => (after[name] ?? 0) - ((index === 0 ? before : windows[index - 1]?.after)?.[name] ?? 0),
    );
    found.push({ name, by, perCycle: Math.round((total / cycles) * 100) / 100 });
  }
  return found.toSorted((one, other) => other.perCycle - one.perCycle);
}

function isProportional(by: readonly number[], windows: readonly Window[]): boolean {
  const rates = by.map((growth, index) => growth / (windows[index]?.cycles ?? 1));
  const least = Math.min(...rates);
  return least >= SMALLEST_RATE && Math.min(...by) >= 2 && Math.max(...rates) <= least * LARGEST_RATIO;
}
