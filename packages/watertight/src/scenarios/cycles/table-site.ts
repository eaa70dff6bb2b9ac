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
/** A package's; Node copies for itself. */
const LEAST_NEAR_RANK = 1;
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
  const isTable = (bytes: number): boolean =>
    bytes >= count * WORD_BYTES && bytes <= count * WORD_BYTES * MOST_WORDS_PER_ENTRY;
  const tables = (looks[last]?.heap?.survivors ?? []).filter(({ sizes }) => sizes.some(({ bytes }) => isTable(bytes)));
  if (about.isCopied === true) return copierOf(looks.slice(0, last + 1), tables, isTable);
  const candidates = tables.filter((site) => kind === 'collection' || addsListener(site));
  // Two of a size that fits: nobody knows which.
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** Who made the last copy: of all before it nothing is left. In the code nearest to the user, as the engine makes and replaces tables of any size. */
function copierOf(
  looks: readonly Look[],
  tables: readonly SurvivorSite[],
  isTable: (bytes: number) => boolean,
): SurvivorSite | undefined {
  const lastWindow = looks.findLast(({ cycles }) => cycles > 0)?.heap?.index ?? 0;
  const replaced = tables.filter(({ sizes }) =>
    sizes.some(
      ({ bytes, windows }) =>
        isTable(bytes) && windows.every((objects, window) => objects === 0 || window >= lastWindow),
    ),
  );
  const nearest = Math.min(LEAST_NEAR_RANK, ...replaced.map(ownerRank));
  const candidates = replaced.filter((site) => ownerRank(site) === nearest);
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** The innermost frames are of Node, and one of them adds listeners. */
function addsListener({ stack }: SurvivorSite): boolean {
  const own = stack.findIndex(({ url }) => !isOfNode(url));
  return own > 0 && stack.slice(0, own).some(({ functionName }) => ADDING.test(functionName));
}
