import type { LifeDrive, LifeEnding } from '../../drive/recipes/types.ts';
import type { Look } from '../../evidence/examination.ts';
import { settledLook, type Settled } from '../../evidence/server-look.ts';
import { LOOP_DELAY_LIMIT_MS } from '../../verdict/deadline.ts';
import { isOpen, type Suspect } from '../../verdict/suspects.ts';
import { LoopWatch } from '../shared/loop-watch.ts';
import { awaitedSilenceMs } from '../timing/silence.ts';
import type { ScenarioContext } from '../types.ts';
import type { Cycled } from './cycling.ts';
import { nameOfSuspect } from './growth-text.ts';
import { countKindOf, kindCounts } from './kind-counts.ts';
import { countLeft, inOrder, isAllCommon, type CountKind, type Remainder } from './left-counts.ts';
import { liveMore } from './more-lives.ts';
import { rankOf } from './suspect-rank.ts';

/** Prime, so that no period of the server divides it; few, because one object a connection shows exactly. */
const FEWEST_PER_ENDING = 7;
const MOST_PER_ENDING = 61;
/** What stays of one connection in ten needs so many connections to be seen as often as this. */
const EXPECTED_COUNT = 6;
/** Of what is expected of an ending, so much is there; less may be chance. */
const LEAST_SHARE = 0.4;
/** What so many of the connections leave is left by all, but for those that were cut on their way. */
const MOST_SHARE = 0.7;

/** Trying endings may take this share of what is left of the budget: the trace comes after it, and says who keeps what stays. */
const TRIALS_SHARE = 0.7;

/** So many lives are led at most where each of these endings is tried alone, and a vanish at last. */
export function mostTrials(endingCount: number): number {
  return endingCount * MOST_PER_ENDING + FEWEST_PER_ENDING;
}

/** When no further ending is tried. */
export function trialsEndAtMs(nowMs: number, deadlineAtMs: number, isTraced: boolean): number {
  return isTraced ? nowMs + TRIALS_SHARE * Math.max(0, deadlineAtMs - nowMs) : deadlineAtMs;
}

/** What stays of connections that all ended the same way. */
export interface EndingSeen {
  readonly ending: LifeEnding;
  readonly cycles: number;
  readonly left: readonly Remainder[];
  /** Objects that stay, by allocation stack; of suspicious stacks only. */
  readonly sites: ReadonlyMap<string, number>;
}

/** What stays of connections whose peers vanished and stayed away. */
export interface VanishSeen extends EndingSeen {
  /** Within which silence is promised to be noticed; `undefined` when nobody said so, or only later than a check waits. */
  readonly promisedMs: number | undefined;
  readonly lookedAfterMs: number;
}

export interface EndingsSeen {
  readonly endings: readonly EndingSeen[];
  /** What stays is so rare that an ending after which nothing stayed may leave it as well, and the budget did not suffice for more lives. */
  readonly wereTooFew: boolean;
  readonly vanish: VanishSeen | undefined;
}

/** By kind, the names of what is growing; empty on a server that leaves nothing. */
function suspectNames({ suspects }: Cycled): ReadonlyMap<CountKind, ReadonlySet<string>> {
  const names = new Map<CountKind, Set<string>>();
  for (const suspect of suspects) {
    if (suspect.from !== 'count' || !isOpen(suspect)) continue;
    const kind = countKindOf(suspect.series.kind);
    if (kind !== undefined) names.set(kind, (names.get(kind) ?? new Set()).add(suspect.series.name));
  }
  return names;
}

/** Every ending alone, one after another, and at last peers that vanish and stay away while it is counted. */
export async function tryEachEnding(context: ScenarioContext, lives: LifeDrive, cycled: Cycled): Promise<EndingsSeen> {
  const { examination, patienceMs } = cycled;
  const certain = afterEveryEnding(cycled);
  if (certain !== undefined) {
    const isPromised = context.promises.silenceDetectedWithinMs.by !== 'nobody';
    // Of a peer that vanished everything stays until it is noticed; with what stays anyway that says nothing new.
    const vanish = isPromised ? await tryVanish(context, lives, cycled, examination.lastWalk) : undefined;
    return { endings: certain, wereTooFew: false, vanish };
  }
  const names = suspectNames(cycled);
  const isSuspect = (kind: CountKind, name: string): boolean => names.get(kind)?.has(name) ?? false;
  const isOnlyCommon = isAllCommon(
    [...names].flatMap(([kind, of]) => [...of].map((name) => ({ kind, name, count: 1 }))),
  );
  const isCloser = names.has('collections') || names.has('listeners');
  const endAtMs = trialsEndAtMs(performance.now(), cycled.deadlineAtMs, context.effort.trace);
  let look = examination.lastWalk;
  const tryAll = async (count: number, ratePerCycle: number): Promise<readonly EndingSeen[]> => {
    const least = Math.ceil(count * Math.min(1, ratePerCycle) * LEAST_SHARE);
    let counts = kindCounts(look);
    const seen: EndingSeen[] = [];
    for (const ending of cycled.endings) {
      if (performance.now() > endAtMs) break;
      const wave = await liveMore(context, lives, cycled, { cycles: count, endings: [ending] });
      look = await examination.lookBeside(wave.cycles, look.server, patienceMs, { collections: isCloser });
      const after = kindCounts(look);
      const found = countLeft(counts, after, least, isSuspect);
      // Where something with a name is kept, plain objects hang on it: without it they are chance.
      const counted = isAllCommon(found) && !isOnlyCommon ? [] : found;
      const sites = sitesLeft(cycled, look, least);
      const left = counted.length > 0 ? counted : stacksLeft(cycled, sites);
      seen.push({ ending, cycles: wave.cycles, left, sites });
      counts = after;
    }
    return seen;
  };
  const [rate, tellingRate] = [fastestRate(cycled.suspects), fastestRate(mostTelling(cycled.suspects))];
  const [count, moreCount] = [cyclesPerEnding(rate), cyclesPerEnding(tellingRate)];
  let endings = await tryAll(count, rate);
  // What stays of every connection after some of the endings is as rare over all of them as what seldom stays: a few tell one from the other.
  let wereTooFew = false;
  if (moreCount >= 2 * count && !staysOfMost(endings, isOnlyCommon)) {
    const more = await tryAll(moreCount - count, tellingRate);
    wereTooFew = more.length < endings.length;
    if (!wereTooFew) endings = more;
  }
  return { endings, wereTooFew, vanish: await tryVanish(context, lives, cycled, look) };
}

/**
 * What stays of every single cycle stays after every ending: nobody has to be tried alone for it. `undefined` when something
 * else grows that may stay after some of them only; what hangs on a connection does not count, it differs with the ending.
 */
function afterEveryEnding(cycled: Cycled): readonly EndingSeen[] | undefined {
  const open = cycled.suspects.filter(isOpen);
  const isExact = ({ growth }: Suspect): boolean => growth.is === 'leak' && growth.exact;
  const exact = open.filter(isExact);
  if (exact.length === 0 || open.some((suspect) => !isExact(suspect) && rankOf(suspect) === 0)) return undefined;
  const cycles = cycled.cycles;
  const left = exact.flatMap((suspect): Remainder[] => {
    if (suspect.from === 'site') return [];
    const kind = countKindOf(suspect.series.kind);
    const count = suspect.growth.is === 'leak' ? suspect.growth.perCycle * cycles : 0;
    return kind === undefined ? [] : [{ kind, name: suspect.series.name, count }];
  });
  const sites = new Map(
    exact.flatMap((suspect) => (suspect.from === 'site' ? [[suspect.site.site.key, cycles] as const] : [])),
  );
  const told = left.length > 0 ? inOrder(left) : stacksLeft(cycled, sites);
  return cycled.endings.map((ending) => ({ ending, cycles, left: told, sites }));
}

function sitesLeft({ suspects }: Cycled, { heap }: Look, least: number): ReadonlyMap<string, number> {
  const suspicious = new Set(suspects.filter(isOpen).flatMap((it) => (it.from === 'site' ? [it.site.site.key] : [])));
  const left = (heap?.survivors ?? [])
    .filter(({ key }) => suspicious.has(key))
    .map(({ key, windows }) => [key, windows[heap?.index ?? 0]?.objects ?? 0] as const);
  return new Map(left.filter(([, objects]) => objects >= least));
}

/** What has no class that could be counted, such as a string, is told by where it was allocated. */
function stacksLeft({ suspects }: Cycled, sites: ReadonlyMap<string, number>): readonly Remainder[] {
  return suspects.flatMap((suspect): Remainder[] => {
    const count = suspect.from === 'site' ? sites.get(suspect.site.site.key) : undefined;
    return count === undefined ? [] : [{ kind: 'stacks', name: nameOfSuspect(suspect), count }];
  });
}

function cyclesPerEnding(ratePerCycle: number): number {
  const wanted = Math.ceil(EXPECTED_COUNT / ratePerCycle);
  return Math.min(MOST_PER_ENDING, Math.max(FEWEST_PER_ENDING, wanted));
}

/** How many of what grows most often each cycle leaves; one at most, as of more every ending shows. */
function fastestRate(suspects: readonly Suspect[]): number {
  const rates = suspects.flatMap(({ growth }) => (growth.is === 'leak' ? [growth.perCycle] : []));
  // What grows with everything that leaks may be rarer by itself: the most frequent one is in all of them.
  return Math.min(1, Math.max(0.05, ...rates));
}

/** A connection that is kept has a dozen plain objects: how rare it is, what is called by a name says. */
function mostTelling(suspects: readonly Suspect[]): readonly Suspect[] {
  const leaks = suspects.filter(({ growth }) => growth.is === 'leak');
  const rank = Math.min(...leaks.map(rankOf));
  return leaks.filter((one) => rankOf(one) === rank);
}

/** Whether there is an ending after which something that says what it is stays of nearly every connection. */
function staysOfMost(endings: readonly EndingSeen[], isOnlyCommon: boolean): boolean {
  const isTelling = (one: Remainder): boolean => isOnlyCommon || !isAllCommon([one]);
  return endings.some(({ cycles, left }) => left.some((one) => isTelling(one) && one.count >= MOST_SHARE * cycles));
}

async function tryVanish(
  context: ScenarioContext,
  lives: LifeDrive,
  cycled: Cycled,
  start: Look,
): Promise<VanishSeen | undefined> {
  const { users, patienceMs, examination, endings } = cycled;
  if (endings.length === 1) return undefined;
  const { limit, deadlineMs } = context.promises;
  const room = limit.by === 'nobody' ? FEWEST_PER_ENDING : users.length * limit.value;
  const before = await examination.lookBeside(0, start.server, patienceMs, { collections: false });
  const cycles = Math.min(FEWEST_PER_ENDING, room);
  const loops = new LoopWatch(context);
  try {
    const wave = await liveMore(context, lives, cycled, { cycles, endings: ['vanish'] });
    if (wave.admitted === 0) return undefined;
    const silenceMs = awaitedSilenceMs(context.promises);
    const promisedMs = silenceMs === 0 ? undefined : silenceMs + (deadlineMs.by === 'nobody' ? 0 : deadlineMs.value);
    const startedAtMs = performance.now();
    const settle = async (): Promise<Settled> =>
      await settledLook(context, before.server, { patienceMs: promisedMs ?? patienceMs, lives: wave.admitted });
    const span = await loops.open();
    const { settled } = await settle();
    // An event loop that stood still meanwhile is given the time once more.
    if (!settled && (await span.worstMs()) > LOOP_DELAY_LIMIT_MS) await settle();
    const lookedAfterMs = Math.round(performance.now() - startedAtMs);
    const after = await examination.lookBeside(wave.admitted, before.server, 0, { collections: false });
    // Not among the mixed endings, so nothing is suspected yet: only what stays of every single one counts.
    const found = countLeft(kindCounts(before), kindCounts(after), wave.admitted);
    return {
      ending: 'vanish',
      cycles: wave.admitted,
      left: isAllCommon(found) ? [] : found,
      sites: new Map(),
      promisedMs,
      lookedAfterMs,
    };
  } finally {
    loops.stop();
    // Now that they have said goodbye: what comes next must find their places free.
    await lives.releaseHeld();
    await examination.lookBeside(cycles, before.server, patienceMs, { classes: false, collections: false });
  }
}
