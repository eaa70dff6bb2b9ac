import type { Look } from '../../evidence/examination.ts';
import { seriesOf, type Series } from '../../evidence/series.ts';
import type { FindingKind } from '../../verdict/finding.ts';
import type { CountKind, KindCounts } from './left-counts.ts';

const KINDS: Readonly<Partial<Record<FindingKind, CountKind>>> = {
  managers: 'managers',
  users: 'managers',
  gauges: 'gauges',
  sockets: 'sockets',
  timers: 'timers',
  handles: 'handles',
  listeners: 'listeners',
  descriptors: 'descriptors',
  processes: 'processes',
  threads: 'threads',
  realms: 'realms',
  promises: 'promises',
  objects: 'instances',
  collection: 'collections',
};

/** Under which kind something is told when it is told by ending. */
export function countKindOf(kind: FindingKind): CountKind | undefined {
  return KINDS[kind];
}

/** What one look counted, by kind and name; a kind that is not visible is absent. */
export function kindCounts(look: Look): KindCounts {
  return countsAt(-1, seriesOf([look]));
}

/**
 * The same of the last two of these looks, for what is compared: what the last one follows has its size in those before too. What one of the two did not count
 * is left out. What is made anew each time is followed from the second look on, so that a third is needed to see whether it grew.
 */
export function kindCountsOf(...looks: readonly Look[]): readonly [before: KindCounts, after: KindCounts] {
  const compared = seriesOf(looks).filter(({ counts }) => !counts.slice(-2).includes(undefined));
  return [countsAt(-2, compared), countsAt(-1, compared)];
}

/** Those of one name are added up. */
function countsAt(index: number, all: readonly Series[]): KindCounts {
  const counts: Partial<Record<CountKind, Record<string, number>>> = {};
  for (const { kind, name, counts: seen } of all) {
    const as = KINDS[kind];
    const count = seen.at(index);
    if (as === undefined || count === undefined) continue;
    const named = (counts[as] ??= {});
    named[name] = (named[name] ?? 0) + count;
  }
  return counts;
}
