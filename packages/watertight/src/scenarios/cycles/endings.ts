import type { Client, Ending } from '../../drive/types.ts';
import { LOOP_DELAY_LIMIT_MS } from '../../verdict/deadline.ts';
import type { Crowd } from '../shared/crowd.ts';
import { runWave } from './wave.ts';
import { toWindows, type Cycled, type WindowSeen } from './windows.ts';
import type { Counts } from '../../evidence/counts.ts';
import { growingWithCycles } from '../../verdict/growth-in-windows.ts';
import { COUNT_KINDS, countLeft, isAllCommon, type CountKind, type KindCounts, type Remainder } from './left-counts.ts';
import { LoopWatch } from '../shared/loop-watch.ts';
import { left, settledLook, socketAllowance, steadyLook, type ServerLook } from '../../evidence/server-look.ts';
import { awaitedSilenceMs } from '../timing/silence.ts';
import type { ScenarioContext } from '../types.ts';

/** Prime, so that no period of the server divides it; few, because one object a connection shows exactly. */
const CYCLES_PER_ENDING = 7;
/** Of what grew with the cycles already, so many belong to this ending; fewer may be chance. */
const LEAST_COUNT = Math.ceil(CYCLES_PER_ENDING / 2);
/** The abrupt ones first: they are forgotten most often. */
const NOTICEABLE: readonly Ending[] = ['rst', 'fin', 'protocol-error', 'abort-in-upgrade', 'close-frame'];

/** What stays of connections that all ended the same way. */
export interface EndingSeen {
  readonly ending: Ending;
  readonly cycles: number;
  readonly left: readonly Remainder[];
}

/** What stays of connections whose peers vanished and stayed away. */
export interface VanishSeen extends EndingSeen {
  /** Within which silence is promised to be noticed; `undefined` when nobody said so, or only later than a check waits. */
  readonly promisedMs: number | undefined;
  readonly lookedAfterMs: number;
}

export interface EndingsSeen {
  readonly endings: readonly EndingSeen[];
  readonly vanish: VanishSeen | undefined;
}

/** By kind, the names that grew with the mixed cycles; empty on a server that leaves nothing. */
export function suspectsOf({
  baseline,
  instancesBefore,
  windows,
}: Cycled): ReadonlyMap<CountKind, ReadonlySet<string>> {
  const before = kindCounts(baseline, instancesBefore);
  const cycles = windows.reduce((total, window) => total + window.cycles, 0);
  const last = windows.at(-1);
  const namesOf = (kind: CountKind): string[] => {
    const [was, is] = [before[kind], last === undefined ? undefined : countsOf(last)[kind]];
    if (was === undefined || is === undefined) return [];
    // Exact from outside and from the factory itself: there nothing has to be told from noise.
    if (kind === 'managers') return Object.keys(left(is, was));
    if (kind === 'sockets') return Object.keys(left(is, was, socketAllowance(cycles)));
    return growingWithCycles(
      was,
      toWindows(windows, (window) => countsOf(window)[kind]),
    ).map(({ name }) => name);
  };
  return new Map(
    COUNT_KINDS.map((kind) => [kind, new Set(namesOf(kind))] as const).filter(([, names]) => names.size > 0),
  );
}

/** The kinds that can be counted at all. */
export function visibleKinds({ baseline, instancesBefore }: Cycled): readonly CountKind[] {
  const counts = kindCounts(baseline, instancesBefore);
  return COUNT_KINDS.filter((kind) => counts[kind] !== undefined);
}

/** Every ending alone, one after another, and at last peers that vanish and stay away while it is counted. */
export async function tryEachEnding(context: ScenarioContext, crowd: Crowd, cycled: Cycled): Promise<EndingsSeen> {
  const { users, patienceMs, windows, baseline } = cycled;
  const suspects = suspectsOf(cycled);
  const isSuspect = (kind: CountKind, name: string): boolean => suspects.get(kind)?.has(name) ?? false;
  const isOnlyCommon = isAllCommon(
    [...suspects].flatMap(([kind, names]) => [...names].map((name) => ({ kind, name, count: 1 }))),
  );
  let look = windows.at(-1)?.look ?? baseline;
  let counts = kindCounts(look, await context.inside?.instances());
  const endings: EndingSeen[] = [];
  for (const ending of NOTICEABLE) {
    const wave = await runWave(context, crowd, { cycles: CYCLES_PER_ENDING, users, patienceMs, endings: [ending] });
    look = (await settledLook(context, look, { patienceMs, lives: wave.cycles })).look;
    const after = kindCounts(look, await context.inside?.instances());
    const found = countLeft(counts, after, LEAST_COUNT, isSuspect);
    // Where something with a name is kept, plain objects hang on it: without it they are chance.
    endings.push({ ending, cycles: wave.cycles, left: isAllCommon(found) && !isOnlyCommon ? [] : found });
    counts = after;
  }
  return { endings, vanish: await tryVanish(context, crowd, cycled, look) };
}

async function tryVanish(
  context: ScenarioContext,
  crowd: Crowd,
  { users, patienceMs }: Cycled,
  start: ServerLook,
): Promise<VanishSeen | undefined> {
  const { limit, deadlineMs } = context.promises;
  const room = limit.by === 'nobody' ? CYCLES_PER_ENDING : users.length * limit.value;
  const before = await steadyLook(context, start, patienceMs);
  const counts = kindCounts(before, await context.inside?.instances());
  const clients: Client[] = [];
  for (let index = 0; index < Math.min(CYCLES_PER_ENDING, room); index += 1) {
    const entry = await crowd.enterWithin(users[index % users.length] ?? '', patienceMs);
    if (entry.admitted) clients.push(entry.client);
  }
  if (clients.length === 0) return undefined;
  await Promise.all(clients.map((client) => client.end('vanish')));
  const silenceMs = awaitedSilenceMs(context.promises);
  const promisedMs = silenceMs === 0 ? undefined : silenceMs + (deadlineMs.by === 'nobody' ? 0 : deadlineMs.value);
  const lives = clients.length;
  const { look, afterMs } = await untilLetGo(context, before, promisedMs ?? patienceMs, lives);
  const after = kindCounts(look, await context.inside?.instances());
  for (const client of clients) crowd.release(client);
  // Now that they have said goodbye: what comes next must find their places free.
  await settledLook(context, before, { patienceMs, lives });
  // Not among the mixed endings, so nothing is suspected yet: only what stays of every single one counts.
  const found = countLeft(counts, after, lives);
  return {
    ending: 'vanish',
    cycles: lives,
    left: isAllCommon(found) ? [] : found,
    promisedMs,
    lookedAfterMs: Math.round(afterMs),
  };
}

/** Waits for what was promised, and once more as long when nothing went, but an event loop stood still meanwhile. */
async function untilLetGo(
  context: ScenarioContext,
  before: ServerLook,
  waitMs: number,
  lives: number,
): Promise<{ readonly look: ServerLook; readonly afterMs: number }> {
  const loops = new LoopWatch(context.inside);
  try {
    const span = await loops.open();
    const first = await settledLook(context, before, { patienceMs: waitMs, lives });
    if (first.settled || (await span.worstMs()) <= LOOP_DELAY_LIMIT_MS) return first;
    const second = await settledLook(context, before, { patienceMs: waitMs, lives });
    return { look: second.look, afterMs: first.afterMs + second.afterMs };
  } finally {
    loops.stop();
  }
}

function countsOf(window: WindowSeen): KindCounts {
  return kindCounts(window.look, window.instances);
}

function kindCounts(look: ServerLook, instances: Counts | undefined): KindCounts {
  const { held: managers, sockets, handles, listeners, descriptors } = look;
  const seen = { managers, sockets, handles, listeners, descriptors, instances };
  return Object.fromEntries(Object.entries(seen).filter(([, counts]) => counts !== undefined));
}
