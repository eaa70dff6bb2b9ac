import type { Look } from '../../evidence/examination.ts';
import { countedOf, type Suspect } from '../../verdict/suspects.ts';

/** So much less of what grew, while nobody comes, has begun to go: what is kept for good never becomes less. */
const BEGUN_SHARE = 0.02;
/** So much less while others come and go is no chance. */
const GONE_SHARE = 0.1;
const FEWEST_GONE = 5;
/** What is less than this share of what there was at most is gone: what comes later is told apart from it. */
const REST_SHARE = 0.1;

/** Whether the last wait took some of what had grown: nobody connected meanwhile, so it went by itself. */
export function goesByItself(looks: readonly Look[], suspect: Suspect): boolean {
  if (suspect.from !== 'count') return false;
  const counted = countedOf(looks, suspect.series).filter(({ count }) => count !== undefined);
  const [base, before, last] = [counted[0], counted.at(-2), counted.at(-1)];
  if (last?.cycles !== 0) return false;
  return wentOf(before?.count ?? 0, last.count ?? 0, base?.count ?? 0, BEGUN_SHARE);
}

/** Whether next to nothing is left of what there was more of at most. */
export function isGone(looks: readonly Look[], suspect: Suspect): boolean {
  if (suspect.from !== 'count') return false;
  const counts = countedOf(looks, suspect.series).flatMap(({ count }) => count ?? []);
  const [base = 0] = counts;
  return (counts.at(-1) ?? 0) - base <= REST_SHARE * (Math.max(...counts) - base);
}

/** Whether it ever was less than before: what nobody lets go of never is. */
export function everWent(looks: readonly Look[], suspect: Suspect): boolean {
  if (suspect.from !== 'count') return false;
  const counts = countedOf(looks, suspect.series).flatMap(({ count }) => count ?? []);
  return counts.some((count, index) => index > 0 && wentOf(counts[index - 1] ?? 0, count, counts[0] ?? 0, GONE_SHARE));
}

function wentOf(before: number, after: number, base: number, share: number): boolean {
  return before - after >= Math.max(FEWEST_GONE, share * (before - base));
}
