import { setTimeout as delay } from 'node:timers/promises';
import type { LifeDrive, LifeEnding } from '../../drive/recipes/types.ts';
import type { Client, Refused } from '../../drive/types.ts';
import type { Crowd, Entry } from '../shared/crowd.ts';
import { deadlineMsOf, promisedLimit } from '../shared/promised.ts';
import { filledLimit, roomFor } from '../shared/room-for.ts';
import { runWave, type Wave } from '../shared/wave.ts';
import { lookAt, type LivingSeen } from '../emergency/living.ts';
import { emergencyRules, type RulesOrNot } from '../emergency/rules.ts';
import { poll } from '../../evidence/poll.ts';
import { firstLook, steadyLook, type ServerLook } from '../../evidence/server-look.ts';
import { awaitedSilenceMs } from '../timing/silence.ts';
import type { Promises } from '../../verdict/types.ts';
import type { ScenarioContext } from '../types.ts';

const BYSTANDER_COUNT = 3;
const TAB_COUNT = 8;
const CLOSED_TABS = ['close-frame', 'fin', 'rst'] as const;
const STORM_CYCLES = 30;
const STORM_ENDINGS: readonly LifeEnding[] = ['close-frame', 'rst', 'fin', 'protocol-error', 'abort-in-upgrade'];
const LEAVING = ['close-frame', 'fin', 'rst', 'protocol-error'] as const;
const WARM_UP_COUNT = 5;
const REFUSED_COUNT = 5;
/** Vanish where no emergency is due, and only silence is promised to be noticed. */
const VANISHED_COUNT = 5;
/** Share of the promised time of silence for which a slow reader does not read. */
const STALL_SHARE = 0.4;
const LONGEST_STALL_MS = 1_000;
const USUAL_STALL_MS = 300;

/** What came of the habits, before everybody left. */
export interface Played {
  readonly rules: RulesOrNot;
  readonly start: ServerLook;
  readonly deadlineMs: number;
  readonly users: {
    readonly bystander: string;
    readonly tabs: string;
    readonly storm: string;
    readonly slow: string;
    readonly full: string;
    readonly vanisher: string;
  };
  readonly bystanders: readonly Client[];
  readonly bystander: LivingSeen;
  /** For how long the bystanders were there when they were looked at, at most. */
  readonly playedForMs: number;
  /** Of those who came in at the beginning. */
  readonly turnedAway: readonly Refused[];
  readonly admitted: Readonly<Record<string, { readonly meant: number; readonly got: number }>>;
  readonly tabsOpen: readonly Client[];
  readonly tabs: LivingSeen;
  readonly storm: Wave;
  /**
   * Refusals among the reconnects that are right: where as many come as the limit has room for, some come before the place of whoever left
   * is back. Where there is more room nobody is refused.
   */
  readonly stormRefusedCount: number;
  readonly slow: { readonly stalledMs: number; readonly living: LivingSeen; readonly clients: readonly Client[] };
  readonly full: readonly Client[];
  readonly refusals: readonly Refused[];
  /** How many attempts above the limit got in. */
  readonly above: readonly Client[];
  readonly vanished: readonly Client[];
  readonly vanishedAtMs: number;
  /** Present when an emergency was due. */
  readonly emergency: EmergencySeen | undefined;
  readonly stayed: readonly Client[];
  /** How those who are still there may leave: no way that the recipe leaves out. */
  readonly leaving: readonly (typeof LEAVING)[number][];
}

export interface EmergencySeen {
  readonly entry: Entry;
  readonly startedAtMs: number;
  readonly goneCount: number;
  readonly living: LivingSeen;
  readonly livingCount: number;
}

/** Everybody at the same time, and an emergency in the middle. */
export async function playHabits(context: ScenarioContext, crowd: Crowd, lives: LifeDrive): Promise<Played> {
  const { drive, promises } = context;
  const rules = emergencyRules(context);
  const promised = promisedLimit(promises);
  const limit = filledLimit(promised);
  const deadlineMs = deadlineMsOf(promises);
  const [bystander = '', tabs = '', storm = '', slow = '', full = '', vanisher = ''] = [0, 1, 2, 3, 4, 5].map((index) =>
    drive.userId(2_001 + index),
  );
  const users = { bystander, tabs, storm, slow, full, vanisher };
  const reconnect = async (cycles: number): Promise<Wave> =>
    await runWave({
      lives,
      cycles,
      users: [storm],
      endings: lives.recipe.endings ?? STORM_ENDINGS,
      // More of one user than its limit has room for would be refused by right.
      concurrency: roomFor(context.effort.concurrency, promised),
      patienceMs: deadlineMs,
      random: context.random,
      signal: context.signal,
    });
  const any = await firstLook(context, deadlineMs);
  // What the server builds once, it builds now.
  await reconnect(WARM_UP_COUNT);
  const start = await steadyLook(context, any, context.settleMs);
  const meant = {
    bystander: roomFor(BYSTANDER_COUNT, promised),
    tabs: roomFor(TAB_COUNT, promised),
    slow: 1,
    full: limit ?? 0,
    vanisher: 'status' in rules ? countVanishing(promises) : rules.threshold,
  };
  const beganAtMs = performance.now();
  const [bystanders, tabClients, slowClients, fullClients, vanisherClients] = await Promise.all([
    crowd.fill(bystander, meant.bystander),
    crowd.fill(tabs, meant.tabs),
    crowd.fill(slow, meant.slow),
    crowd.fill(full, meant.full),
    crowd.fill(vanisher, meant.vanisher),
  ]);
  const turnedAway = [...crowd.refusals];
  const got = {
    bystander: bystanders.length,
    tabs: tabClients.length,
    slow: slowClients.length,
    full: fullClients.length,
    vanisher: vanisherClients.length,
  };
  const silentCount = 'status' in rules ? vanisherClients.length : rules.silentCount;
  const vanished = vanisherClients.slice(0, silentCount);
  const living = vanisherClients.slice(silentCount);
  for (const client of vanished) client.vanish();
  const vanishedAtMs = performance.now();
  const [slowSeen, tabsSeen, stormSeen, refused, emergency] = await Promise.all([
    readSlowly(context, slow, slowClients),
    closeTabs(context, tabs, tabClients, deadlineMs),
    reconnect(STORM_CYCLES),
    knockWhenFull(crowd, full, fullClients),
    raiseEmergency(context, crowd, rules, { user: vanisher, vanished, living, vanishedAtMs }),
  ]);
  return {
    rules,
    start,
    deadlineMs,
    users,
    turnedAway,
    bystanders,
    bystander: await lookAt(context, bystander, bystanders),
    playedForMs: performance.now() - beganAtMs,
    admitted: Object.fromEntries(
      Object.entries(meant).map(([who, count]) => [who, { meant: count, got: got[who as keyof typeof got] }]),
    ),
    tabsOpen: tabsSeen.open,
    tabs: tabsSeen.living,
    storm: stormSeen,
    stormRefusedCount: limit !== undefined && limit <= context.effort.concurrency ? stormSeen.refused : 0,
    slow: slowSeen,
    full: fullClients,
    refusals: refused.refusals,
    above: refused.above,
    vanished,
    vanishedAtMs,
    emergency,
    stayed: emergency?.entry.admitted === true ? [...living, emergency.entry.client] : living,
    leaving: LEAVING.filter((ending) => lives.recipe.endings?.includes(ending) ?? true),
  };
}

/** Without an emergency they are found silent, if that is promised within a time that can be waited for. */
function countVanishing(promises: Promises): number {
  return awaitedSilenceMs(promises) === 0 ? 0 : roomFor(VANISHED_COUNT, promisedLimit(promises));
}

async function closeTabs(
  context: ScenarioContext,
  user: string,
  clients: readonly Client[],
  deadlineMs: number,
): Promise<{ readonly open: readonly Client[]; readonly living: LivingSeen }> {
  const closing = clients.slice(0, Math.min(CLOSED_TABS.length, clients.length - 1));
  const open = clients.slice(closing.length);
  await Promise.all(closing.map((client, index) => client.end(CLOSED_TABS[index] ?? 'fin')));
  await Promise.all(closing.map((client) => client.gone(deadlineMs)));
  // After a reset nothing can be seen on the wire: the server itself says when it has noticed.
  const factory = context.inside?.factory;
  if (factory !== undefined) {
    const look = (): ReturnType<typeof factory.usage> => factory.usage(user);
    await poll(look, ({ held }) => held <= open.length, { deadlineMs, everyMs: 20, signal: context.signal });
  }
  return { open, living: await lookAt(context, user, open) };
}

/** Does not read for a while, although the server sends, and then reads on. */
async function readSlowly(context: ScenarioContext, user: string, clients: readonly Client[]): Promise<Played['slow']> {
  const silence = context.promises.silenceDetectedWithinMs;
  const stallMs = silence.by === 'nobody' ? USUAL_STALL_MS : Math.min(LONGEST_STALL_MS, silence.value * STALL_SHARE);
  const startedAtMs = performance.now();
  for (const client of clients) client.stall();
  // The habit itself: this is how long such a reader does not read.
  await delay(stallMs, undefined, { signal: context.signal });
  for (const client of clients) client.resume();
  const stalledMs = performance.now() - startedAtMs;
  return { stalledMs, clients, living: await lookAt(context, user, clients) };
}

async function knockWhenFull(
  crowd: Crowd,
  user: string,
  clients: readonly Client[],
): Promise<{ readonly refusals: readonly Refused[]; readonly above: readonly Client[] }> {
  const refusals: Refused[] = [];
  const above: Client[] = [];
  for (let count = 0; clients.length > 0 && count < REFUSED_COUNT; count += 1) {
    const entry = await crowd.enter(user);
    if (entry.admitted) above.push(entry.client);
    else refusals.push(entry.refusal);
  }
  return { refusals, above };
}

async function raiseEmergency(
  context: ScenarioContext,
  crowd: Crowd,
  rules: RulesOrNot,
  who: {
    readonly user: string;
    readonly vanished: readonly Client[];
    readonly living: readonly Client[];
    readonly vanishedAtMs: number;
  },
): Promise<EmergencySeen | undefined> {
  if ('status' in rules) return undefined;
  // When the vanished have become suspects.
  await delay(Math.max(0, who.vanishedAtMs + rules.quietMs - performance.now()), undefined, { signal: context.signal });
  const startedAtMs = performance.now();
  const entry = await crowd.enter(who.user);
  const gone = await Promise.all(who.vanished.map((client) => client.gone(rules.probeTimeoutMs + rules.deadlineMs)));
  return {
    entry,
    startedAtMs,
    goneCount: gone.filter((seen) => seen !== undefined).length,
    living: await lookAt(context, who.user, who.living),
    livingCount: who.living.length,
  };
}
