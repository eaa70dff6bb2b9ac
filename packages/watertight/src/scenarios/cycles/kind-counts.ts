import type { Look } from '../../evidence/examination.ts';
import { seriesOf } from '../../evidence/series.ts';
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
  return countsAt(0, [look]);
}

/** The same of two looks, for what is compared: what the later one follows has its size in the earlier one too. */
export function kindCountsOf(before: Look, after: Look): readonly [KindCounts, KindCounts] {
  const looks = [before, after];
  return [countsAt(0, looks), countsAt(1, looks)];
}

function countsAt(index: number, looks: readonly Look[]): KindCounts {
  const counts: Partial<Record<CountKind, Record<string, number>>> = {};
  for (const { kind, name, counts: seen } of seriesOf(looks)) {
    const as = KINDS[kind];
    const count = seen[index];
    // What was not counted at one of them has no difference.
    if (as === undefined || count === undefined || seen.includes(undefined)) continue;
    const named = (counts[as] ??= {});
    named[name] = (named[name] ?? 0) + count;
  }
  return counts;
}
