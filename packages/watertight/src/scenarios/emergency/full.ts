import type { FactoryStats } from '@watertight/server';
import { countAnswering, type Entry } from '../shared/crowd.ts';
import type { Stage } from './stage.ts';
import { poll } from '../../evidence/poll.ts';
import type { EmergencyRules } from './rules.ts';
import type { StepOutcome } from '../types.ts';

const PONG_MS = 2_000;

export interface FullSeen {
  readonly entry: Entry;
  readonly tookMs: number;
  /** How long a ping takes at this moment: as much of an attempt is the way, not the waiting. */
  readonly pingMs: number;
}

/** One attempt more of a user at the limit, all of whose clients have just answered. */
export async function knockWhenAllAnswer({ crowd, cast }: Stage): Promise<FullSeen> {
  const pingedAtMs = performance.now();
  await countAnswering(cast.full.clients, PONG_MS);
  const startedAtMs = performance.now();
  const entry = await crowd.enter(cast.full.user);
  return { entry, tookMs: performance.now() - startedAtMs, pingMs: startedAtMs - pingedAtMs };
}

export function judgeFull(
  { entry, tookMs, pingMs }: FullSeen,
  rules: EmergencyRules,
  loopDelayMs: number,
): StepOutcome {
  const withinMs = rules.probeTimeoutMs + pingMs + loopDelayMs;
  const figures = {
    admitted: entry.admitted,
    tookMs: Math.round(tookMs),
    probeTimeoutMs: rules.probeTimeoutMs,
    pingMs: Math.round(pingMs),
    loopDelayMs: Math.round(loopDelayMs),
  };
  const message = `at the limit, where nobody was to be asked, an attempt was decided after ${Math.round(tookMs)} ms, as if ${rules.probeTimeoutMs} ms had to be waited for an answer`;
  return { ok: tookMs <= withinMs, message, type: 'slow-slot-release', figures };
}

/** One of the full user leaves, which ends no emergency; the statistics are read, and then all leave. */
export async function emptyTheFull({ context, rules, cast }: Stage): Promise<{
  readonly oneLess: FactoryStats | undefined;
  readonly empty: FactoryStats | undefined;
}> {
  const factory = context.inside?.factory;
  if (factory === undefined) return { oneLess: undefined, empty: undefined };
  const { user, clients } = cast.full;
  const leave = async (leaving: typeof clients, held: number): Promise<FactoryStats> => {
    await Promise.all(leaving.map((client) => client.end('close-frame')));
    await poll(
      () => factory.usage(user),
      (usage) => usage.held <= held,
      { deadlineMs: rules.deadlineMs, everyMs: 20, signal: context.signal },
    );
    return await factory.stats();
  };
  return { oneLess: await leave(clients.slice(0, 1), clients.length - 1), empty: await leave(clients.slice(1), 0) };
}
