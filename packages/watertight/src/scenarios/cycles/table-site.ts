import { isOfNode } from '../../evidence/owner.ts';
import type { Look } from '../../evidence/examination.ts';
import type { Series } from '../../evidence/series.ts';
import type { SurvivorSite } from '../../inspector/heap-types.ts';
import { ownerRank } from './owner-rank.ts';

const WORD_BYTES = 8;
/** A table has room for up to twice what is in it, and a Map takes three words and a half for each. */
const MOST_WORDS_PER_ENTRY = 8;
/** Below this, tables are too small to be told from everything else. */
const FEWEST_ENTRIES = 32;
/** By these functions of Node a listener is added. */
const ADDING = /^(?:\w+\.)*_?(?:add|prepend)?(?:on|once|listener|addEventListener|prependOnceListener)$/i;

/**
 * Who put into a table that grows without new objects, such as one function that is registered again and again: the table is
 * made anew as it grows, one object with at least a word for each entry, by whoever put the next one in.
 */
export function tableSiteOf(looks: readonly Look[], { kind, counts, about }: Series): SurvivorSite | undefined {
  if (kind !== 'listeners' && kind !== 'collection') return undefined;
  const last = looks.findLastIndex(({ heap }) => heap?.sampled === true);
  const count = counts.slice(0, last + 1).findLast((it) => it !== undefined) ?? 0;
  if (count < FEWEST_ENTRIES) return undefined;
  const lastWindow = looks.slice(0, last + 1).findLast(({ cycles }) => cycles > 0)?.heap?.index ?? 0;
  // Of a copy nothing is left of those before it.
  const isTable = ({ bytes, windows }: SurvivorSite['sizes'][number]): boolean =>
    bytes >= count * WORD_BYTES &&
    bytes <= count * WORD_BYTES * MOST_WORDS_PER_ENTRY &&
    (about.isCopied !== true || windows.every((objects, window) => objects === 0 || window >= lastWindow));
  const tables = (looks[last]?.heap?.survivors ?? []).filter(({ sizes }) => sizes.some(isTable));
  if (about.isCopied === true) return onlyOne(nearest(tables));
  return onlyOne(kind === 'collection' ? tables : tables.filter(addsListener));
}

/** Two of a size that fits: nobody knows which. */
function onlyOne(candidates: readonly SurvivorSite[]): SurvivorSite | undefined {
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** In the application's code, else in that of packages: the engine makes and replaces tables of any size. */
function nearest(sites: readonly SurvivorSite[]): readonly SurvivorSite[] {
  const ofApplication = sites.filter((site) => ownerRank(site) === 0);
  return ofApplication.length > 0 ? ofApplication : sites.filter((site) => ownerRank(site) === 1);
}

/** The innermost frames are of Node, and one of them adds listeners. */
function addsListener({ stack }: SurvivorSite): boolean {
  const own = stack.findIndex(({ url }) => !isOfNode(url));
  return own > 0 && stack.slice(0, own).some(({ functionName }) => ADDING.test(functionName));
}
