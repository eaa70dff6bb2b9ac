import type { Series } from '../evidence/series.ts';
import type { SurvivorSite } from '../inspector/heap-types.ts';
import type { FindingKind } from './finding.ts';
import type { Suspect } from './suspects.ts';

/** Suspects that grow together because one thing is kept, the one that names it first. */
export interface Cause {
  readonly lead: Suspect;
  /** Where the lead was allocated, as far as that can be told. */
  readonly site: SurvivorSite | undefined;
  readonly others: readonly Suspect[];
}

/** What is known about suspects that the suspects do not say themselves. */
export interface CauseFacts {
  /** After which endings a suspect stays; suspects with different answers have different causes. */
  endingsOf(suspect: Suspect): readonly string[];
  /** 0 a name of the server's own, 1 of the platform, 2 what a connection carries along, 3 what everything is made of. */
  tellingRank(name: string): number;
  /** 0 the application, 1 a package, 2 Node itself. */
  ownerRank(site: SurvivorSite): number;
}

/** Which kind of thing names a cause best when no class of the server's own does. */
const KIND_RANK: Readonly<Record<FindingKind, number>> = {
  objects: 0,
  managers: 1,
  users: 2,
  gauges: 2,
  timers: 3,
  listeners: 3,
  processes: 3,
  threads: 3,
  realms: 3,
  promises: 4,
  collection: 5,
  sockets: 7,
  handles: 8,
  descriptors: 9,
  'native-memory': 10,
};
/** A collection that holds something with a name says more than a promise, one of plain objects less. */
const NAMED_COLLECTION_RANK = 3.5;
/** Of the engine; an async function makes its promise itself. */
const PROMISE_MAKERS: readonly string[] = ['Promise', 'withResolvers'];
/** Kinds of which one more needs no new object. */
const WITHOUT_OBJECTS: ReadonlySet<FindingKind> = new Set(['listeners', 'collection']);
/** Rates that differ less than this may be the same rate. */
const SAME_RATE_SHARE = 0.15;

/**
 * One cause for each set of endings: what one connection drags along stays after the same endings as the connection, or after
 * some of them. A name of the server's own is never taken for something that is dragged along.
 */
export function groupCauses(suspects: readonly Suspect[], facts: CauseFacts): readonly Cause[] {
  const groups: { readonly endings: ReadonlySet<string>; readonly members: Suspect[] }[] = [];
  const ordered = suspects.toSorted((one, other) => compareRanks(orderOf(one, facts), orderOf(other, facts)));
  for (const suspect of ordered) {
    const endings = new Set(facts.endingsOf(suspect));
    const isOwn = (orderOf(suspect, facts)[0] ?? 0) === 0;
    const isWithin = (group: { readonly endings: ReadonlySet<string> }): boolean =>
      [...endings].every((ending) => group.endings.has(ending));
    const home =
      groups.find((group) => isWithin(group) && group.endings.size === endings.size) ??
      (isOwn ? undefined : groups.find(isWithin));
    if (home === undefined) groups.push({ endings, members: [suspect] });
    else home.members.push(suspect);
  }
  const causes = groups.map(({ members }) => causeOf(members, facts));
  return causes.toSorted((one, other) => rateOf(other.lead) - rateOf(one.lead));
}

/** The members stand in their order, the most telling first. */
function causeOf(group: readonly Suspect[], facts: CauseFacts): Cause {
  const [lead, ...others] = group;
  if (lead === undefined) throw new Error('a cause needs somebody who names it');
  return { lead, site: siteOf(lead, group, facts), others };
}

/** Smaller is more telling: own classes, then by kind, then what is rarest, since it carries the others. */
function orderOf(suspect: Suspect, facts: CauseFacts): readonly number[] {
  const rate = rateOf(suspect);
  if (suspect.from === 'site') return [20 + facts.ownerRank(suspect.site.site), rate];
  const { kind, name, about } = suspect.series;
  if (kind === 'collection' && about.holds?.some((held) => facts.tellingRank(held) <= 1) === true)
    return [10 + NAMED_COLLECTION_RANK, rate];
  if (kind !== 'objects') return [10 + KIND_RANK[kind], rate];
  const rank = facts.tellingRank(name);
  return [rank === 0 ? 0 : rank === 1 ? 15 : 30 + rank, rate];
}

/** The stack that made the lead: by its class where a frame has that name, else by rate, in the code nearest to the user. */
function siteOf(lead: Suspect, group: readonly Suspect[], facts: CauseFacts): SurvivorSite | undefined {
  if (lead.from === 'site') return lead.site.site;
  const sites = group.filter((suspect) => suspect.from === 'site');
  const rate = rateOf(lead);
  const makers = makersOf(lead.series);
  const order = (suspect: (typeof sites)[number]): readonly number[] => {
    const { stack } = suspect.site.site;
    const isConstructor = makers.includes(stack[0]?.functionName ?? '');
    return [
      isConstructor ? 0 : 1,
      isSameRate(suspect, rate) ? 0 : 1,
      facts.ownerRank(suspect.site.site),
      -suspect.bytesPerCycle,
    ];
  };
  const [best] = sites.toSorted((one, other) => compareRanks(order(one), order(other)));
  return best?.site.site;
}

/** Whether the stack of a cause says who made its lead: a listener or an entry may come without a new object, and then one that has another rate has nothing to do with it. */
export function isExplained({ lead, site, others }: Cause): boolean {
  if (site === undefined) return false;
  if (lead.from === 'site' || !WITHOUT_OBJECTS.has(lead.series.kind)) return true;
  return others.some((other) => other.from === 'site' && other.site.site === site && isSameRate(other, rateOf(lead)));
}

function isSameRate(suspect: Suspect, rate: number): boolean {
  return Math.abs(rateOf(suspect) - rate) <= SAME_RATE_SHARE * rate;
}

/** The functions, innermost of a stack, that make nothing else. */
export function makersOf({ kind, name }: Pick<Series, 'kind' | 'name'>): readonly string[] {
  return kind === 'promises' ? PROMISE_MAKERS : [name];
}

/** How much grows in one cycle; 0 for what does not grow with them. */
export function rateOf({ growth }: Suspect): number {
  return growth.is === 'leak' ? growth.perCycle : 0;
}

/** Orders by the first number, then by the next: smaller comes first. */
export function compareRanks(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = value - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
