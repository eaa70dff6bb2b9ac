import type { Look } from '../../evidence/examination.ts';
import { windowsOf } from '../../verdict/counts-over-time.ts';
import { countedOf, type Suspect } from '../../verdict/suspects.ts';
import type { HarmlessGrowth } from '../../verdict/window-evidence.ts';
import { sayGrowth } from './growth-text.ts';
import { rankOf } from './suspect-rank.ts';

/** What is called by a name; what everything is made of comes and goes with it. */
const TELLING_RANK = 1;
const MOST_COUNT = 12;

/** What grew and came to rest, or went by itself, with what was seen of it: whoever wonders about it finds it named. */
export function harmlessGrowth(looks: readonly Look[], suspects: readonly Suspect[]): readonly HarmlessGrowth[] {
  return suspects
    .flatMap((suspect): HarmlessGrowth[] => {
      const { growth } = suspect;
      if (suspect.from !== 'count' || rankOf(suspect) > TELLING_RANK) return [];
      if (growth.is !== 'bounded' && growth.is !== 'late') return [];
      const { kind, name } = suspect.series;
      const seen = growth.is === 'bounded' ? seenInWindows(looks, suspect) : seenOfLate(looks, suspect, growth.afterMs);
      return [{ kind, name, growth, sentence: sayGrowth(suspect), seen }];
    })
    .slice(0, MOST_COUNT);
}

type CountSuspect = Extract<Suspect, { readonly from: 'count' }>;

function seenInWindows(looks: readonly Look[], { series }: CountSuspect): string {
  const { windows } = windowsOf(countedOf(looks, series));
  const grew = windows.map((window) => `${window.grew < 0 ? '' : '+'}${window.grew}`).join(' ');
  return `${grew} in ${windows.map(({ cycles }) => cycles).join(' + ')} cycles`;
}

/** What was gone again is in no window any more; what came after it went may be too young to be gone as well. */
function seenOfLate(looks: readonly Look[], { series }: CountSuspect, afterMs: number): string {
  const counts = series.counts.filter((count) => count !== undefined);
  const [before = 0] = counts;
  const cycles = looks.reduce((sum, look) => sum + look.cycles, 0);
  // Of the warm-up some may have been there before, and be gone as well.
  const left = Math.max(0, (counts.at(-1) ?? before) - before);
  const seen = `${Math.max(...counts) - before} more at most, ${left} left at the end, in ${cycles} cycles`;
  const ageMs = (looks.at(-1)?.atMs ?? 0) - (looks.findLast((look) => look.cycles > 0)?.atMs ?? 0);
  if (left === 0 || ageMs >= afterMs) return seen;
  return `${seen}; the last of them came ${(ageMs / 1_000).toFixed(1)} s before the end, when they were not as old yet`;
}
