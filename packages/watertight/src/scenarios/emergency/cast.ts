import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../drive/types.ts';
import type { Crowd } from '../shared/crowd.ts';
import { gatherForced, type ForcedCast } from './forced-cast.ts';
import { fallQuiet, type LateAnswerers } from './late-answerers.ts';
import type { EmergencyRules } from './rules.ts';
import type { ScenarioContext } from '../types.ts';

/** As many as emergency cleanups can run in this scenario: one that takes the wrong user's oldest finds them here. */
const BYSTANDER_COUNT = 8;
const CLOSED_COUNT = 4;
const READ_EVERY_MS = 50;

/** A user of whose clients some went silent and the others live on, quiet. */
export interface Half {
  readonly user: string;
  readonly silent: readonly Client[];
  readonly living: readonly Client[];
  /** Living too, and quiet for so long that they are asked. */
  readonly late: LateAnswerers;
}

/** Everybody on the stage at the moment when emergencies are due. */
export interface EmergencyCast {
  readonly bystander: { readonly user: string; readonly clients: readonly Client[] };
  /** Whose next admission triggers the cleanup. */
  readonly triggered: Half;
  /** Whose cleanup is run by hand. */
  readonly byHand: Half;
  /** At the limit, all silent. */
  readonly burst: { readonly user: string; readonly clients: readonly Client[] };
  /** At the limit, nobody silent. */
  readonly full: { readonly user: string; readonly clients: readonly Client[] };
  readonly forced: ForcedCast;
  /** One below the threshold, nobody silent. */
  readonly calm: { readonly user: string; readonly clients: readonly Client[] };
  readonly closed: { readonly user: string; readonly clients: readonly Client[] };
  /** Has one manager without a socket since this time. */
  readonly unattached: { readonly user: string; readonly sinceMs: number } | undefined;
  readonly silentAtMs: number;
  /** How often statistics were read while everybody waited. */
  readonly readCount: number;
  /** Cleanups that were due while everybody came in. */
  readonly startedRunCount: number;
  /** The longest that filling a user took. */
  readonly longestFillMs: number;
}

/** Lets everybody in, makes the silent silent, and waits until they are suspects; statistics are read all the while. */
export async function gatherCast(
  context: ScenarioContext,
  crowd: Crowd,
  rules: EmergencyRules,
  firstUser: number,
): Promise<EmergencyCast> {
  const user = (index: number): string => context.drive.userId(firstUser + index);
  const factory = context.inside?.factory;
  const bystander = {
    user: user(0),
    clients: await crowd.fill(user(0), Math.min(BYSTANDER_COUNT, rules.threshold - 1)),
  };
  // First, because filling it to the limit starts a cleanup, and the next may start only after the pause.
  const fillsAtMs = performance.now();
  const [burstClients, fullClients] = await Promise.all([
    crowd.fill(user(1), rules.limit),
    crowd.fill(user(7), rules.limit),
  ]);
  const burst = { user: user(1), clients: burstClients };
  const fullAtMs = performance.now();
  const unattached =
    factory === undefined || rules.pendingDeadlineMs === undefined
      ? undefined
      : { user: user(2), sinceMs: performance.now() };
  if (unattached !== undefined) await factory?.admitUnattached(unattached.user);
  const [first, second, calm, closed, forced] = await Promise.all([
    crowd.fill(user(3), rules.threshold),
    crowd.fill(user(4), rules.threshold),
    crowd.fill(user(5), rules.threshold - 1),
    crowd.fill(user(6), CLOSED_COUNT / 2),
    gatherForced(context, crowd, user(8)),
  ]);
  const notBeforeMs = fullAtMs + rules.pauseMs + READ_EVERY_MS - rules.quietMs;
  await delay(Math.max(0, notBeforeMs - performance.now()), undefined, { signal: context.signal });
  const triggered = halve(user(3), first, rules.silentCount);
  const byHand = halve(user(4), second, rules.silentCount);
  const silent = [...triggered.silent, ...byHand.silent, ...burst.clients, ...forced.silent];
  const quiet = [triggered.late, byHand.late].flatMap(({ stalled, inattentive }) => [stalled, inattentive]);
  await giveSignsOfLife([...silent, ...forced.working, ...quiet], rules);
  for (const client of silent) client.vanish();
  for (const { late } of [triggered, byHand]) fallQuiet(late);
  for (const client of forced.working) client.ignorePings();
  const silentAtMs = performance.now();
  let readCount = 0;
  // A deadline, not a guess: this is when the silent have become suspects.
  for (let leftMs = rules.quietMs; leftMs > 0; leftMs = silentAtMs + rules.quietMs - performance.now()) {
    if (factory !== undefined) {
      await Promise.all([factory.stats(), factory.usage(byHand.user), factory.usage(triggered.user)]);
      readCount += 1;
    }
    await delay(Math.max(0, Math.min(READ_EVERY_MS, silentAtMs + rules.quietMs - performance.now())), undefined, {
      signal: context.signal,
    });
  }
  return {
    bystander,
    triggered,
    byHand,
    burst,
    full: { user: user(7), clients: fullClients },
    forced,
    calm: { user: user(5), clients: calm },
    closed: { user: user(6), clients: closed },
    unattached,
    silentAtMs,
    readCount,
    // Of the two users that are filled, and of those to be forced out, the one who finds the threshold reached.
    startedRunCount: (rules.limit > rules.threshold ? 2 : 0) + (forced.count > rules.threshold ? 1 : 0),
    longestFillMs: fullAtMs - fillsAtMs,
  };
}

/**
 * Who was last heard an interval ago is asked at once, and may be removed an interval sooner than who was heard just now: everybody's silence
 * begins at the same moment.
 */
async function giveSignsOfLife(
  clients: readonly (Client | undefined)[],
  { deadlineMs }: EmergencyRules,
): Promise<void> {
  await Promise.all(clients.map(async (client) => await client?.ping(deadlineMs)));
}

/** How many went silent to be removed by an emergency cleanup. */
export function silentCount({ triggered, byHand, burst, forced }: EmergencyCast): number {
  return triggered.silent.length + byHand.silent.length + burst.clients.length + forced.silent.length;
}

function halve(user: string, clients: readonly Client[], count: number): Half {
  const [stalled, inattentive, ...living] = clients.slice(count);
  return { user, silent: clients.slice(0, count), living, late: { stalled, inattentive } };
}
