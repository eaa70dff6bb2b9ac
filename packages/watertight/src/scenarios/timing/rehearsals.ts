import { LOOP_DELAY_LIMIT_MS } from '../../verdict/deadline.ts';
import type { ReleaseReport } from '@watertight/server';
import type { ClosedTwice, FinalizersSeen } from '../../inspector/types.ts';
import { withinMs } from '../../evidence/poll.ts';
import { promisedLimit } from '../shared/promised.ts';
import { roomFor } from '../shared/room-for.ts';
import { measure } from './timed.ts';
import { NO_FACTORY, type Pending, type TimingBench } from './bench.ts';
import { type Deadlines, ms, type Rehearsal, REHEARSALS } from './rehearsal-list.ts';
import type { StepOutcome } from '../types.ts';

const REASON = 'rehearsal';
const SLACK_MS = 50;

interface Rehearsed {
  readonly ofRehearsal: ReadonlyMap<Rehearsal, FinalizersSeen | undefined>;
  readonly twice: ClosedTwice | undefined;
}

const TWICE = 'timing/closing-ones-are-shown-and-waited-for';
const MOST_TWICE_COUNT = 2;

/** Ends managers of which each owns something of its own kind; what came of it is judged by `check`. */
export async function beginRehearsals(bench: TimingBench): Promise<Pending> {
  const { context, crowd, steps, deadlineMs, patienceMs } = bench;
  const factory = context.inside?.factory;
  if (factory === undefined) {
    return {
      check: async () => {
        await Promise.resolve();
        for (const id of [...REHEARSALS.map((rehearsal) => rehearsal.id), TWICE])
          steps.skip(id, 'not visible', NO_FACTORY);
      },
    };
  }
  const twiceCount = roomFor(MOST_TWICE_COUNT, promisedLimit(context.promises));
  const enter = async (count: number): Promise<string> => {
    const user = bench.nextUser();
    const clients = await crowd.fill(user, count);
    if (clients.length < count) throw new Error(`${clients.length} of ${count} connections of ${user} were admitted`);
    return user;
  };
  const admit = async (): Promise<string> => {
    const user = bench.nextUser();
    const admission = await factory.admitUnattached(user);
    if ('refused' in admission) throw new Error(`${user} was not admitted without a socket: ${admission.refused}`);
    return user;
  };
  const rehearse = async (rehearsal: Rehearsal): Promise<FinalizersSeen | undefined> => {
    const { plans, workMs, isUnattached = false } = rehearsal;
    const user = await (isUnattached ? admit() : enter(1));
    return await withinMs(factory.endWithFinalizers(user, REASON, plans, workMs), patienceMs);
  };
  const closeTwice = async (): Promise<ClosedTwice | undefined> => {
    const user = await enter(twiceCount);
    return await withinMs(factory.closeTwice(user, REASON), patienceMs);
  };
  const count = (): void => {
    bench.endedCount += REHEARSALS.length + twiceCount;
    bench.hungCount += REHEARSALS.filter(({ hangs }) => hangs === true).length + twiceCount;
  };
  // At once: whoever waits for all that ends has to know of these.
  count();
  let isRepeated = false;
  const run = async (): Promise<Rehearsed> => {
    if (isRepeated) count();
    isRepeated = true;
    const [twice, ...seen] = await Promise.all([
      closeTwice(),
      ...REHEARSALS.map(async (rehearsal) => [rehearsal, await rehearse(rehearsal)] as const),
    ]);
    return { twice, ofRehearsal: new Map(seen) };
  };
  const deadlines = (loopDelayMs: number): Deadlines => ({
    deadlineMs,
    holdMs: factory.options.finalizerHoldMs,
    slackMs: SLACK_MS + loopDelayMs,
  });
  const isRight = ({ ofRehearsal, twice }: Rehearsed): boolean =>
    judgeTwice(twice, twiceCount).ok &&
    REHEARSALS.every((rehearsal) => judgeRehearsal(rehearsal, ofRehearsal.get(rehearsal), deadlines(0)).ok);
  const measured = measure(bench.loops, run, isRight);
  // Judged when everything else is done; a failure must not be unhandled until then.
  void measured.catch(() => undefined);
  return {
    check: async () => {
      for (const rehearsal of REHEARSALS) {
        await steps.check(rehearsal.id, async () => {
          const { result, loopDelayMs } = await measured;
          const seen = result.ofRehearsal.get(rehearsal);
          return askedAlready(judgeRehearsal(rehearsal, seen, deadlines(loopDelayMs)), loopDelayMs);
        });
      }
      await steps.check(TWICE, async () => {
        const { result, loopDelayMs } = await measured;
        return askedAlready(judgeTwice(result.twice, twiceCount), loopDelayMs);
      });
    },
  };
}

/** Loops were watched while it was measured, and not only all the while. */
function askedAlready(outcome: StepOutcome, loopDelayMs: number): StepOutcome {
  return { ...outcome, isTimeless: loopDelayMs <= LOOP_DELAY_LIMIT_MS };
}

function judgeRehearsal(
  { plans, judge }: Rehearsal,
  seen: FinalizersSeen | undefined,
  deadlines: Deadlines,
): StepOutcome {
  const type = 'slow-finalizers';
  if (seen?.report === undefined || seen.report === null) {
    const message = 'closing a manager with finalizers was never answered with its report';
    return { ok: false, message, type, severity: 'critical', figures: { finalizers: plans.length } };
  }
  const { report, state, finalizers } = seen;
  const own = plans.filter(({ inScope }) => inScope !== true).length;
  const figures = {
    ...Object.fromEntries(
      finalizers.map(({ name, startedMs, endedMs }) => [`${name} ms`, `${ms(startedMs)} to ${ms(endedMs)}`]),
    ),
    finalizersRun: report.finalizersRun,
    overdue: report.overdue.length,
    state,
  };
  const wrong = [
    ...judge(seen, deadlines),
    state === 'closed' ? undefined : `the manager has reported and is '${state}', not 'closed'`,
    report.finalizersRun >= own
      ? undefined
      : `the report counts ${report.finalizersRun} finalizers, ${own} were registered`,
    seen.refusesMore ? undefined : 'what it is given after its end is kept, instead of disposed of at once and refused',
  ].filter((text) => text !== undefined);
  return { ok: wrong.length === 0, message: wrong.join('; '), type, figures };
}

function judgeTwice(seen: ClosedTwice | undefined, count: number): StepOutcome {
  const ids = (reports: readonly ReleaseReport[] = []): number => new Set(reports.map((it) => it.managerId)).size;
  const figures = {
    managers: count,
    held: seen?.held ?? null,
    closing: seen?.closing ?? null,
    firstReports: ids(seen?.first),
    secondReports: ids(seen?.second),
  };
  const isRight =
    figures.held === 0 &&
    figures.closing === count &&
    figures.firstReports === count &&
    figures.secondReports === count;
  const message = `${count} managers were being closed: ${figures.held} were shown as held and ${figures.closing} as closing, and who closed them was told of ${figures.firstReports}, who did so after that of ${figures.secondReports}`;
  return { ok: isRight, message, type: 'manual-cleanup-ineffective', figures };
}
