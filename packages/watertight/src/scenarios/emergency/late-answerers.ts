import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../drive/types.ts';
import type { EmergencyRules } from './rules.ts';

/** Living ones who are quiet for longer than an interval, and give a sign of life only when the cleanup has begun. */
export interface LateAnswerers {
  /** Does not read for a while, and then finds the questions. */
  readonly stalled: Client | undefined;
  /** Left the last question unanswered: only one asked anew makes it answer. */
  readonly inattentive: Client | undefined;
}

/** From here on they are as quiet as the silent. */
export function fallQuiet({ stalled, inattentive }: LateAnswerers): void {
  stalled?.stall();
  inattentive?.ignorePings();
}

/**
 * Starts the cleanup by `start`. Whoever was inattentive answers whatever is asked from now on; whoever stalled reads on when
 * `start` is done, because the cleanup has begun by then, and in any case soon enough to be in time. Answers whether it had begun.
 */
export async function startAndAnswer(
  late: LateAnswerers,
  { probeTimeoutMs }: EmergencyRules,
  start: () => Promise<unknown>,
): Promise<boolean> {
  late.inattentive?.answerPings();
  const stop = new AbortController();
  const begun = start().then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([begun, delay(probeTimeoutMs / 2, false, { signal: stop.signal })]);
  } finally {
    stop.abort();
    late.stalled?.resume();
  }
}
