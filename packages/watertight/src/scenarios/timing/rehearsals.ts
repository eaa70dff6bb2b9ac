import type { ReleaseReport } from '@watertight/server';
import type { ClosedTwice, FinalizerPlan, FinalizerSeen, FinalizersSeen } from '../../inspector/types.ts';
import { withinMs } from '../../evidence/poll.ts';
import { LOOP_DELAY_LIMIT_MS } from '../../verdict/deadline.ts';
import { measure } from './timed.ts';
import { NO_FACTORY, type Pending, type TimingBench } from './bench.ts';
import type { StepOutcome } from '../types.ts';

const REASON = 'rehearsal';
/** More than can be held back one after another before the deadline: the last ones have to be started by it. */
const HUNG_COUNT = 6;
const SHORT_MS = 20;
/** Longer than a peer needs to let go of its socket. */
const LONG_MS = 300;
const WORK_MS = 80;
const SLACK_MS = 50;

interface Rehearsal {
  readonly id: string;
  /** In the order of registration. */
  readonly plans: readonly FinalizerPlan[];
  readonly workMs?: number;
  readonly hangs?: boolean;
  /** In a manager to which nothing is attached. */
  readonly isUnattached?: boolean;
  readonly judge: (seen: FinalizersSeen, deadlines: Deadlines) => readonly (string | undefined)[];
}

interface Deadlines {
  readonly deadlineMs: number;
  readonly holdMs: number;
  /** Timers fire late, and later where an event loop was held up. */
  readonly slackMs: number;
}

interface Rehearsed {
  readonly ofRehearsal: ReadonlyMap<Rehearsal, FinalizersSeen | undefined>;
  readonly twice: ClosedTwice | undefined;
}

const REHEARSALS: readonly Rehearsal[] = [
  {
    id: 'timing/finalizers-run-last-first-each-after-the-one-before',
    plans: [
      { name: 'first', takesMs: 0 },
      { name: 'second', takesMs: SHORT_MS },
      { name: 'third', takesMs: 0 },
      { name: 'fourth', takesMs: SHORT_MS },
      { name: 'fifth', takesMs: 0 },
    ],
    judge: ({ finalizers, report, signalMs }, { holdMs }) => [
      ...inTurn(finalizers).map(([before, next]) => {
        const pauseMs = (next.startedMs ?? Infinity) - (before.endedMs ?? Infinity);
        return pauseMs >= 0 && pauseMs < (holdMs - SHORT_MS) / 2
          ? undefined
          : `the ${next.name} was started ${ms(next.startedMs)} after the end, the ${before.name} had ended ${ms(before.endedMs)} after it`;
      }),
      report?.overdue.length === 0 ? undefined : 'some are reported as overdue, and all had ended',
      signalMs !== null && signalMs <= (finalizers.at(-1)?.startedMs ?? 0)
        ? undefined
        : `the signal of the manager was aborted ${ms(signalMs)} after the end, after the first finalizer was started`,
    ],
  },
  {
    id: 'timing/hung-finalizers-are-all-started-and-told-to-stop',
    plans: [
      { name: 'behind them', takesMs: 0 },
      ...Array.from({ length: HUNG_COUNT }, (_, index) => ({ name: `hung ${index + 1}`, takesMs: null })),
    ],
    hangs: true,
    judge: ({ finalizers, report }, { deadlineMs, holdMs, slackMs }) => {
      const late = finalizers.filter(({ startedMs }) => !((startedMs ?? Infinity) <= deadlineMs + slackMs));
      const hung = finalizers.filter(({ endedMs }) => endedMs === null);
      const unstopped = hung.filter(({ abortedMs }) => !((abortedMs ?? Infinity) <= deadlineMs + slackMs));
      const second = finalizers.at(-2)?.startedMs ?? Infinity;
      const named = new Set(report?.overdue.map(({ name }) => name));
      return [
        late.length === 0 ? undefined : `${late.length} of ${finalizers.length} were not started by the deadline`,
        second < (holdMs + deadlineMs) / 2
          ? undefined
          : `the second was started ${ms(second)} after the end, although one is held back for ${holdMs} ms`,
        unstopped.length === 0 ? undefined : `${unstopped.length} of ${hung.length} hung ones were not told to stop`,
        // The server's own, which come last, may not have had the time to end.
        finalizers.every(({ name, endedMs }) => named.has(name) === (endedMs === null))
          ? undefined
          : `${hung.length} hang, and the report names ${[...named].join(', ')}`,
      ];
    },
  },
  {
    id: 'timing/a-slow-finalizer-is-waited-for',
    plans: [{ name: 'slow', takesMs: LONG_MS }],
    judge: ({ report, finalizers: [slow] }) => [
      slow?.endedMs === null ? 'the manager was closed before it had ended' : undefined,
      (report?.finalizersDoneMs ?? 0) >= LONG_MS - 1
        ? undefined
        : `the report says that all were done after ${ms(report?.finalizersDoneMs)}, and one took ${LONG_MS} ms`,
      report?.overdue.length === 0 ? undefined : 'it is reported as overdue, and ended in time',
    ],
  },
  {
    id: 'timing/work-in-flight-is-waited-for',
    plans: [{ name: 'behind the work', takesMs: 0 }],
    workMs: WORK_MS,
    judge: ({ workedMs, signalMs, finalizers: [behind] }, { slackMs }) => [
      workedMs !== null && isWithin(behind?.startedMs, workedMs, workedMs + slackMs)
        ? undefined
        : `the finalizer was started ${ms(behind?.startedMs)} after the close, the work had ended ${ms(workedMs)} after it`,
      workedMs !== null && isWithin(signalMs, workedMs, behind?.startedMs ?? 0)
        ? undefined
        : `the signal of the manager was aborted ${ms(signalMs)} after the close, not between the work and the finalizer`,
    ],
  },
  {
    id: 'timing/a-manager-that-has-nothing-ends-at-once',
    plans: [],
    isUnattached: true,
    judge: ({ signalMs, report }) => [
      signalMs === null ? 'its signal was not aborted' : undefined,
      report?.deadlineMet === true && report.socketGoneMs === null
        ? undefined
        : `its report says ${JSON.stringify(report)}`,
    ],
  },
];

const TWICE = 'timing/closing-ones-are-shown-and-waited-for';
const TWICE_COUNT = 2;

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
    const user = await enter(TWICE_COUNT);
    return await withinMs(factory.closeTwice(user, REASON), patienceMs);
  };
  const count = (): void => {
    bench.endedCount += REHEARSALS.length + TWICE_COUNT;
    bench.hungCount += REHEARSALS.filter(({ hangs }) => hangs === true).length + TWICE_COUNT;
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
    judgeTwice(twice).ok &&
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
          return unlessStalled(judgeRehearsal(rehearsal, seen, deadlines(loopDelayMs)), loopDelayMs);
        });
      }
      await steps.check(TWICE, async () => {
        const { result, loopDelayMs } = await measured;
        return unlessStalled(judgeTwice(result.twice), loopDelayMs);
      });
    },
  };
}

/** What was wrong in a target that stood still proves nothing. */
function unlessStalled(outcome: StepOutcome, loopDelayMs: number): StepOutcome {
  if (outcome.ok || loopDelayMs <= LOOP_DELAY_LIMIT_MS) return outcome;
  const note = `but an event loop stood still for ${Math.round(loopDelayMs)} ms meanwhile; repeat on a less busy machine`;
  throw new Error(`${outcome.message ?? ''}, ${note}`);
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
    report.finalizersRun >= plans.length
      ? undefined
      : `the report counts ${report.finalizersRun} finalizers, ${plans.length} were registered`,
  ].filter((text) => text !== undefined);
  return { ok: wrong.length === 0, message: wrong.join('; '), type, figures };
}

function judgeTwice(seen: ClosedTwice | undefined): StepOutcome {
  const ids = (reports: readonly ReleaseReport[] = []): number => new Set(reports.map((it) => it.managerId)).size;
  const figures = {
    managers: TWICE_COUNT,
    held: seen?.held ?? null,
    closing: seen?.closing ?? null,
    firstReports: ids(seen?.first),
    secondReports: ids(seen?.second),
  };
  const isRight =
    figures.held === 0 &&
    figures.closing === TWICE_COUNT &&
    figures.firstReports === TWICE_COUNT &&
    figures.secondReports === TWICE_COUNT;
  const message = `${TWICE_COUNT} managers were being closed: ${figures.held} were shown as held and ${figures.closing} as closing, and who closed them was told of ${figures.firstReports}, who did so after that of ${figures.secondReports}`;
  return { ok: isRight, message, type: 'manual-cleanup-ineffective', figures };
}

/** Each with the one that is to be started after it: last registered, first run. */
function inTurn(finalizers: readonly FinalizerSeen[]): readonly (readonly [FinalizerSeen, FinalizerSeen])[] {
  const order = finalizers.toReversed();
  return order.slice(1).flatMap((next, index) => {
    const before = order[index];
    return before === undefined ? [] : [[before, next] as const];
  });
}

function isWithin(value: number | null | undefined, from: number, to: number): boolean {
  return value !== null && value !== undefined && value >= from && value <= to;
}

function ms(value: number | null | undefined): string {
  return value === null || value === undefined || value === Infinity ? 'never' : `${Math.round(value * 10) / 10} ms`;
}
