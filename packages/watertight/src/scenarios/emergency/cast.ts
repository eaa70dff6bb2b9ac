import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../drive/types.ts';
import type { Crowd } from '../shared/crowd.ts';
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
  /** One below the threshold, nobody silent. */
  readonly calm: { readonly user: string; readonly clients: readonly Client[] };
  readonly closed: { readonly user: string; readonly clients: readonly Client[] };
  /** Has one manager without a socket since this time. */
  readonly unattached: { readonly user: string; readonly sinceMs: number } | undefined;
  readonly silentAtMs: number;
  /** How often statistics were read while everybody waited. */
  readonly readCount: number;
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
  const burst = { user: user(1), clients: await crowd.fill(user(1), rules.limit) };
  const burstFullAtMs = performance.now();
  const unattached =
    factory === undefined || rules.pendingDeadlineMs === undefined
      ? undefined
      : { user: user(2), sinceMs: performance.now() };
  if (unattached !== undefined) await factory?.admitUnattached(unattached.user);
  const [first, second, calm, closed] = await Promise.all([
    crowd.fill(user(3), rules.threshold),
    crowd.fill(user(4), rules.threshold),
    crowd.fill(user(5), rules.threshold - 1),
    crowd.fill(user(6), CLOSED_COUNT / 2),
  ]);
  const notBeforeMs = burstFullAtMs + rules.pauseMs + READ_EVERY_MS - rules.quietMs;
  await delay(Math.max(0, notBeforeMs - performance.now()), undefined, { signal: context.signal });
  const triggered = halve(user(3), first, rules.silentCount);
  const byHand = halve(user(4), second, rules.silentCount);
  for (const client of [...triggered.silent, ...byHand.silent, ...burst.clients]) client.vanish();
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
    calm: { user: user(5), clients: calm },
    closed: { user: user(6), clients: closed },
    unattached,
    silentAtMs,
    readCount,
  };
}

function halve(user: string, clients: readonly Client[], silentCount: number): Half {
  return { user, silent: clients.slice(0, silentCount), living: clients.slice(silentCount) };
}
