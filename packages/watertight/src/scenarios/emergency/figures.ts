import { silentCount } from './cast.ts';
import type { Judged } from './judged.ts';
import type { FactoryEvent } from '../../inspector/types.ts';
import type { StepOutcome } from '../types.ts';

/** Of the users whose admissions reached the threshold, those whose cleanups left them at or above the exit. */
const STILL_IN_EMERGENCY = 2;

/** What the statistics say of the emergencies of this play. */
export function judgeFigures({ play, cast, rules }: Judged): StepOutcome | undefined {
  const { before, after, runningSeen } = play;
  if (before === undefined || after === undefined || play.empty === undefined || play.oneLess === undefined)
    return undefined;
  const runs = after.emergency.runs - before.emergency.runs;
  const expectedRuns = cast.startedRunCount + play.startedRunCount;
  // On a slow machine the pause between two runs may be over while somebody still comes in.
  const isQuick = cast.longestFillMs < rules.pauseMs && play.calm.tookMs < rules.pauseMs;
  const silent = after.emergency.removed.silent - before.emergency.removed.silent;
  const expectedSilent = silentCount(cast);
  const inEmergency = play.oneLess.emergency.usersInEmergency - before.emergency.usersInEmergency;
  const afterwards = play.empty.emergency.usersInEmergency - before.emergency.usersInEmergency;
  const { lastRunAtMs } = after.emergency;
  const figures = {
    runs,
    expectedRuns,
    runningMeanwhile: runningSeen,
    running: after.emergency.running,
    removedAsSilent: silent,
    expectedSilent,
    usersInEmergency: inEmergency,
    afterOneIsEmpty: afterwards,
  };
  const wrong = [
    (isQuick ? runs === expectedRuns : runs >= expectedRuns)
      ? undefined
      : `${runs} runs were counted, ${expectedRuns} were due`,
    runningSeen > 0 ? undefined : 'no run was shown as running while one was under way',
    after.emergency.running === 0 ? undefined : `${after.emergency.running} runs are shown as running after the last`,
    lastRunAtMs !== null && lastRunAtMs !== before.emergency.lastRunAtMs && lastRunAtMs <= after.takenAtMs
      ? undefined
      : `the last run is shown at ${String(lastRunAtMs)}`,
    silent === expectedSilent
      ? undefined
      : `${silent} are counted as removed for silence, ${expectedSilent} went silent`,
    inEmergency === STILL_IN_EMERGENCY
      ? undefined
      : `${inEmergency} users are shown in an emergency, ${STILL_IN_EMERGENCY} hold more than the exit threshold`,
    afterwards === STILL_IN_EMERGENCY - 1
      ? undefined
      : `${afterwards} users are shown in an emergency after one of ${STILL_IN_EMERGENCY} has left`,
  ].filter((text) => text !== undefined);
  return { ok: wrong.length === 0, message: wrong.join('; '), type: 'accounting-mismatch', figures };
}

/** Entering and leaving an emergency is told once each, in turn, and of nobody else. */
export function judgeTold({ play, cast }: Judged): StepOutcome | undefined {
  if (play.events === undefined) return undefined;
  const told = (user: string, events: readonly FactoryEvent[]): string =>
    events
      .filter((event) => event.channel === 'watertight:emergency:state' && event.user === user)
      .map(({ inEmergency }) => (inEmergency === true ? 'in' : 'out'))
      .join(' ');
  const expected: readonly (readonly [who: string, user: string, expected: string])[] = [
    ['at the limit, until it left', cast.full.user, 'in out'],
    ['whose silent ones went', cast.triggered.user, 'in out'],
    ['all of whom were silent', cast.burst.user, 'in out'],
    ['calm at the threshold', cast.calm.user, 'in'],
    ['cleaned up by hand', cast.byHand.user, ''],
    ['bystander', cast.bystander.user, ''],
  ];
  const heard = expected.map(([who, user, meant]) => ({ who, meant, is: told(user, play.events ?? []) }));
  const wrong = heard.filter(({ meant, is }) => is !== meant);
  const message = wrong
    .map(({ who, meant, is }) => `of the user ${who} was told '${is}' instead of '${meant}'`)
    .join('; ');
  const figures = Object.fromEntries(heard.map(({ who, is }) => [who, is === '' ? 'nothing' : is]));
  return { ok: wrong.length === 0, message, type: 'accounting-mismatch', figures };
}
