import type { Look } from '../../evidence/examination.ts';
import { seriesOf, sitesOf } from '../../evidence/series.ts';
import { judgeSuspects, type Suspect } from '../../verdict/suspects.ts';

/** Growth in one stretch of cycles alone may be something that warms up. */
const FEWEST_WINDOWS = 2;

/**
 * After how many cycles each leak was one for the first time, and stayed one at every look since. Judged again from the looks
 * as they were: what was added under suspicion only had to confirm it. Nobody judges before the `askedFor` cycles are over.
 */
export function convictedAfter(looks: readonly Look[], askedFor: number): ReadonlyMap<string, number> {
  const since = new Map<string, number>();
  let open: ReadonlySet<string> | undefined;
  for (let count = looks.length; count > 0; count -= 1) {
    const until = looks.slice(0, count);
    const cycles = until.reduce((sum, look) => sum + look.cycles, 0);
    if (cycles < askedFor) break;
    const leaking = leaksIn(until);
    const still = leaking.filter((key) => open?.has(key) ?? true);
    for (const key of still) since.set(key, cycles);
    open = new Set(still);
  }
  return since;
}

/** The same at every look. */
export function keyOfSuspect(suspect: Suspect): string {
  return suspect.from === 'count' ? `${suspect.series.kind} ${suspect.series.key}` : `site ${suspect.site.site.key}`;
}

function leaksIn(looks: readonly Look[]): readonly string[] {
  return judgeSuspects(looks, seriesOf(looks), sitesOf(looks), { doubt: false })
    .filter((suspect) => suspect.growth.is === 'leak' && windowCount(looks, suspect) >= FEWEST_WINDOWS)
    .map(keyOfSuspect);
}

function windowCount(looks: readonly Look[], suspect: Suspect): number {
  if (suspect.from === 'site') return suspect.site.windows.length;
  return looks.filter(({ cycles }, index) => cycles > 0 && suspect.series.counts[index] !== undefined).length;
}
