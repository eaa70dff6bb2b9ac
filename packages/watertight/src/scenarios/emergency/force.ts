import { setTimeout as delay } from 'node:timers/promises';
import type { EmergencyAnswer } from '../../inspector/types.ts';
import { lookAt, type LivingSeen } from './living.ts';
import type { Stage } from './stage.ts';
import { withinMs } from '../../evidence/poll.ts';
import type { StepOutcome } from '../types.ts';

/** Clocks of servers may be as coarse as this: what was used and what was not must not seem to be of the same moment. */
const APART_MS = 5;

export interface ForcedSeen {
  readonly answer: EmergencyAnswer | undefined;
  readonly needed: number;
  readonly used: LivingSeen;
  readonly idle: LivingSeen;
  readonly working: LivingSeen;
  /** How many were to be at work. */
  readonly workingCount: number;
  /** Milliseconds from when the silent fell silent until the run was over. */
  readonly answeredMs: number;
}

/** Asks for one slot more than the silent can give. */
export async function freeByForce({ context, rules, cast }: Stage): Promise<ForcedSeen | undefined> {
  const factory = context.inside?.factory;
  if (factory === undefined) return undefined;
  const { user, silent, used, idle, working, workingCount } = cast.forced;
  const needed = silent.length + 1;
  // Of the idle one more was heard, and earlier: what counts is the last use.
  for (const client of idle) {
    for (let message = 0; message < 2; message += 1) {
      client.send('in use before');
      await client.ping(rules.deadlineMs);
    }
  }
  await delay(APART_MS, undefined, { signal: context.signal });
  for (const client of used) client.send('in use');
  // What it was sent has arrived when a ping behind it is answered.
  await Promise.all(used.map((client) => client.ping(rules.deadlineMs)));
  // A sign of life is no use.
  await Promise.all(idle.map((client) => client.ping(rules.deadlineMs)));
  const run = factory.runEmergencyCleanup(user, { level: 'force', needed });
  const answer = await withinMs(run, 2 * (rules.probeTimeoutMs + rules.deadlineMs));
  const answeredMs = performance.now() - cast.silentAtMs;
  await Promise.all(idle.map((client) => client.gone(rules.deadlineMs)));
  for (const client of working) client.answerPings();
  return {
    answer,
    needed,
    used: await lookAt(context, user, used),
    idle: await lookAt(context, user, idle),
    working: await lookAt(context, user, working),
    workingCount,
    answeredMs,
  };
}

export function judgeForced(
  { answer, needed, used, idle, working, workingCount }: ForcedSeen,
  forcedReleases: number,
): StepOutcome {
  const { silent = 0, forced = 0 } = answer?.byKind ?? {};
  const figures = {
    needed,
    silent,
    forced,
    released: forcedReleases,
    usedAnswering: used.answering,
    idleGone: idle.livingGone,
    working: workingCount,
    workingGone: working.livingGone,
    asked: answer?.asked ?? null,
    held: used.usage?.held ?? null,
  };
  const isRight =
    silent === needed - 1 &&
    forced === 1 &&
    forcedReleases === 1 &&
    used.answering === 1 &&
    used.livingGone === 0 &&
    idle.livingGone === 1 &&
    working.answering === workingCount &&
    working.livingGone === 0 &&
    answer?.asked === needed - 1 &&
    used.usage?.held === 1 + workingCount;
  const message = `${needed} slots were to be freed by force, ${needed - 1} of them are of silent ones: ${silent} went as silent and ${forced} by force, released for that ${forcedReleases}; of the one in use ${used.answering} answers, of the one idle longest ${idle.livingGone} is gone; of ${workingCount} with work in flight ${working.livingGone} is gone, and ${answer?.asked ?? 'nobody knows how many'} were asked`;
  return { ok: isRight, message, type: 'emergency-overreach', severity: 'critical', figures };
}
