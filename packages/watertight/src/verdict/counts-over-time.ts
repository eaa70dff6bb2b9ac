import type { Growth } from './finding.ts';
import { isWorthMore, judgeWindows, total, type WindowGrowth } from './trend.ts';

/** One count of a thing; `cycles` since the count before, 0 after a mere wait. */
export interface Counted {
  readonly cycles: number;
  readonly atMs: number;
  /** `undefined` when it was not counted then. */
  readonly count: number | undefined;
}

/** What has gone by itself once this share of the growth has is released late, and not kept. */
const RELEASED_SHARE = 0.5;
/** What once went by itself to this share is known to do so: what came later is not judged before it is as old. */
const WHOLLY_RELEASED_SHARE = 0.9;

/**
 * What a count comes to over windows and waits; the first is the baseline. What goes during a wait belongs to the window before
 * it: it was on its way. When most of it goes so, it is released late. `doubt`: also what more cycles may turn into a leak.
 */
export function judgeCounts(
  counted: readonly Counted[],
  { doubt = false }: { readonly doubt?: boolean } = {},
): Growth | undefined {
  const { windows, last, lateMs } = windowsOf(counted);
  if (lateMs !== undefined) return { is: 'late', afterMs: lateMs };
  const growth = judgeWindows(windows, last);
  if (growth?.is === 'leak' || !doubt || !isWorthMore(windows)) return growth;
  const { cycles, grew } = total(windows);
  return { is: 'undecided', why: `${grew} after ${cycles} cycles: too few to tell` };
}

/** The windows of a count, for reports. */
export function windowsOf(counted: readonly Counted[]): {
  readonly windows: readonly WindowGrowth[];
  readonly last: number;
  readonly lateMs: number | undefined;
} {
  const windows: { cycles: number; grew: number }[] = [];
  let before: number | undefined;
  let base = 0;
  let openCycles = 0;
  let windowEndedMs = 0;
  let lastMs = 0;
  let mostGrown = 0;
  let lateMs: number | undefined;
  let wholly: number | undefined;
  for (const { cycles, atMs, count } of counted) {
    openCycles += cycles;
    if (count === undefined) continue;
    const window = windows.at(-1);
    if (before === undefined) {
      base = count;
      openCycles = 0;
    } else if (openCycles > 0) {
      if (lateMs !== undefined && before - base <= (1 - WHOLLY_RELEASED_SHARE) * mostGrown) {
        wholly = lateMs;
        base = before;
        mostGrown = 0;
        windows.length = 0;
      }
      windows.push({ cycles: openCycles, grew: count - before });
      openCycles = 0;
      windowEndedMs = atMs;
      lateMs = undefined;
      mostGrown = Math.max(mostGrown, count - base);
    } else if (window !== undefined) {
      const grown = before - base;
      // Several waits in a row let go bit by bit: what counts is how much of everything is gone.
      if (grown > 0 && before - count >= RELEASED_SHARE * grown) lateMs = atMs - windowEndedMs;
      window.grew += count - before;
      // More than the last window left: it came from those before it as well, and nobody can say from which.
      if (count < before && window.grew < 0) windows.splice(0, windows.length, total(windows));
    }
    before = count;
    lastMs = atMs;
  }
  const isYoung = wholly !== undefined && lastMs - windowEndedMs < wholly;
  return { windows, last: before ?? 0, lateMs: lateMs ?? (isYoung ? wholly : undefined) };
}
