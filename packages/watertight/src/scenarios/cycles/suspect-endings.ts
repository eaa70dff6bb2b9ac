import type { Finding } from '../../verdict/finding.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import type { EndingsSeen } from './endings.ts';
import { countKindOf } from './kind-counts.ts';
import { tellingRank } from './left-counts.ts';

/** Of what everything is made of: see `tellingRank`. */
const COMMON_RANK = 3;

/** After which endings something stays and after which not; `undefined` when they were not told apart for it. */
export function endingsOf(suspect: Suspect, seen: EndingsSeen | undefined): Finding['endings'] | undefined {
  if (seen === undefined || seen.endings.length === 0 || seen.wereTooFew) return undefined;
  const leaking: string[] = [];
  const clean: string[] = [];
  for (const one of [...seen.endings, ...(seen.vanish === undefined ? [] : [seen.vanish])]) {
    if (one.ending === 'vanish' && !isToldByVanish(suspect)) continue;
    const stays =
      suspect.from === 'site'
        ? one.sites.has(suspect.site.site.key)
        : one.left.some(({ kind, name }) => kind === countKindOf(suspect.series.kind) && name === suspect.series.name);
    (stays ? leaking : clean).push(one.ending);
  }
  return leaking.length === 0 ? undefined : { leaking, clean };
}

/**
 * A vanish was not among the mixed endings: stacks, collections and listeners were not followed there, and the sockets that are still
 * open are made of what has a common class.
 */
function isToldByVanish(suspect: Suspect): boolean {
  if (suspect.from === 'site') return false;
  const { kind, name } = suspect.series;
  return kind !== 'collection' && kind !== 'listeners' && (kind !== 'objects' || tellingRank(name) !== COMMON_RANK);
}
