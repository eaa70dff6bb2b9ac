import { makersOf, rateOf } from '../../verdict/causes.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import type { Finding as Traced } from '../../trace/finding.ts';
import type { SurvivorSite } from '../../inspector/heap-types.ts';
import { entryOf, isOneEach, listenerOf, ONE_EACH_SHARE, timerOf, type Counted } from './holding-count.ts';
import { siteOfTraced, type SiteFacts } from './traced-site.ts';
import type { Trace } from './tracing.ts';

/** Names under which the trace and the counts know the same thing. */
const PLAIN_CLASS = /^(?:system \/ )?(.*?)(?:\(\))?$/;

/** What the platform calls a handle, beside the name that it has in the heap. */
const HANDLE = /^Node \/ (\w+)$/;
/** What the engine writes in parentheses has no class, and no two of it need have one size. */
const WITHOUT_CLASS: ReadonlySet<string> = new Set([
  '(string)',
  '(concatenated string)',
  '(bigint)',
  '(array)',
  '(number)',
]);
/** Of what everything is made of: see `tellingRank`. */
const COMMON_RANK = 3;

/** What the trace says is a cause, with what the counts know of it. */
export interface Joined {
  readonly traced: Traced;
  /** What names it: the class that was traced, or one of the server's own that hangs on it, one on each. */
  readonly name: string;
  /** Whether that is what was traced, and nothing that hangs on it. */
  readonly isItself: boolean;
  readonly site: SurvivorSite | undefined;
  /** The counts of what names it, when it was counted. */
  readonly count: Counted | undefined;
  /** What has no count of its own is as many as the listeners or entries by which it is kept. */
  readonly holding: Counted | undefined;
  /** What else is counted of the same thing. */
  readonly alongside: readonly Counted[];
}

/**
 * Puts together what was traced and what was counted. What hangs on a traced cause is told by the trace; what was counted
 * outside the heap, or has nothing to do with any path, is left over.
 */
export function joinTrace(
  open: readonly Suspect[],
  { traced, selfBytes }: Trace,
  facts: SiteFacts,
): { readonly joined: readonly Joined[]; readonly rest: readonly Suspect[] } {
  const joined = traced.map((one, index): Joined => {
    const plain = PLAIN_CLASS.exec(one.className)?.[1] ?? one.className;
    const rank = Math.max(facts.tellingRank(plain), facts.tellingRank(one.className));
    const own = rank === 0 ? undefined : ownClassOn(one, open, facts);
    const promises = own === undefined && rank === COMMON_RANK ? promiseOn(one, open) : undefined;
    const better = own ?? promises;
    const same = listenerOf(one, open) ?? timerOf(one, open);
    const handles = handlesOf(one, plain, open);
    const count = better ?? countOfClass(one, plain, rank, open, same) ?? handles[0];
    const name = better?.series.name ?? HANDLE.exec(one.className)?.[1] ?? one.className;
    const bytes = better === undefined ? (selfBytes[index] ?? 0) : 0;
    const makers = better === undefined ? [plain] : makersOf(better.series);
    const ratePerCycle = promises === undefined ? rateAlone(one) : rateOf(promises);
    const site = siteOfTraced({ traced: one, makers, selfBytes: bytes, ratePerCycle }, open, facts);
    const holding = count === undefined ? (same ?? entryOf(one, open)) : undefined;
    const alongside = [...handles, ...(same === undefined ? [] : [same])].filter((other) => other !== count);
    return { traced: one, name, isItself: better === undefined, site, count, holding, alongside };
  });
  const told = new Set<Suspect>(
    joined.flatMap(({ count, alongside }) => [...(count === undefined ? [] : [count]), ...alongside]),
  );
  // Where somebody was traced, objects and their stacks hang on it; they are told as carried along.
  const isTold = ({ from, ...suspect }: Suspect): boolean =>
    joined.length > 0 && (from === 'site' || ('series' in suspect && IN_HEAP.has(suspect.series.kind)));
  return { joined, rest: open.filter((suspect) => !isTold(suspect) && !told.has(suspect)) };
}

/** What of its kind differs in size from one to the next is told by how many there are. */
function rateAlone({ className, place, perCycle }: Traced): number | undefined {
  return place === undefined && WITHOUT_CLASS.has(className) ? perCycle : undefined;
}

/**
 * The open handle that a traced object is, if it is one, and what the system has for it: a descriptor, and often a socket. Not
 * all that stay need be open.
 */
function handlesOf({ className, perCycle }: Traced, plain: string, open: readonly Suspect[]): readonly Counted[] {
  const name = HANDLE.exec(className)?.[1] ?? plain;
  const counted = open.filter((suspect) => suspect.from === 'count');
  const handle = counted
    .filter(({ series }) => series.kind === 'handles' && series.name === name)
    .find((suspect) => rateOf(suspect) <= mostOf(perCycle));
  if (handle === undefined) return [];
  const ofSystem = counted
    .filter(({ series: { kind, name: what } }) => kind === 'sockets' || (kind === 'descriptors' && what === 'socket'))
    .filter((suspect) => isOneEach(suspect, rateOf(handle)));
  return [handle, ...ofSystem];
}

function isClass(suspect: Suspect, name: string): suspect is Counted {
  return suspect.from === 'count' && suspect.series.kind === 'objects' && suspect.series.name === name;
}

/**
 * Of plain objects, where a trace saw the same number of every cycle, and of timers of which what they call is counted, more of the class are
 * others that have nothing to do with it.
 */
function countOfClass(
  { perCycle, exact }: Traced,
  plain: string,
  rank: number,
  open: readonly Suspect[],
  same: Counted | undefined,
): Counted | undefined {
  const count = open.find((suspect): suspect is Counted => isClass(suspect, plain));
  const isKnown = rank === COMMON_RANK || exact || same?.series.kind === 'timers';
  const isOfOthers = isKnown && count !== undefined && rateOf(count) > mostOf(perCycle);
  return isOfOthers ? undefined : count;
}

function mostOf(perCycle: number): number {
  return perCycle * (1 + ONE_EACH_SHARE);
}

/** A WebSocket as the key of a Map weighs most, but its value is what the server calls by a name. */
function ownClassOn(
  { perCycle, carriesAlong }: Traced,
  open: readonly Suspect[],
  { tellingRank }: Pick<SiteFacts, 'tellingRank'>,
): Counted | undefined {
  const names = carriesAlong
    .filter((carried) => Math.abs(carried.perCycle - perCycle) <= ONE_EACH_SHARE * perCycle)
    .map(({ className }) => className)
    .filter((className) => /^[A-Za-z_$][\w$]*$/.test(className) && tellingRank(className) === 0);
  return open
    .filter((suspect) => suspect.from === 'count')
    .find((suspect) => names.some((name) => isClass(suspect, name)));
}

/** Plain objects that hold on to a promise nobody settles say less than the promise. */
function promiseOn({ className, carriesAlong }: Traced, open: readonly Suspect[]): Counted | undefined {
  const isThere = className === 'Promise' || carriesAlong.some((carried) => carried.className === 'Promise');
  if (!isThere) return undefined;
  return open.filter((suspect) => suspect.from === 'count').find(({ series }) => series.kind === 'promises');
}

const IN_HEAP: ReadonlySet<string> = new Set(['objects', 'collection', 'promises']);
