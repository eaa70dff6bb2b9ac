import type { FinalizerPlan, FinalizerSeen, FinalizersSeen } from '../../inspector/types.ts';
import { REHEARSED_FINALIZER } from '../../verdict/complaint.ts';

/** More than can be held back one after another before the deadline: the last ones have to be started by it. */
const HUNG_COUNT = 6;
const SHORT_MS = 20;
/** Longer than a peer needs to let go of its socket. */
const LONG_MS = 300;
const WORK_MS = 80;
/** Whatever hangs or fails is warned of, and is known by its name as ours. */
const rehearsed = (name: string): string => `${REHEARSED_FINALIZER}, ${name}`;
const HANGS_IN_SCOPE: string = rehearsed('hangs in a scope');
const FAILS_IN_SCOPE: string = rehearsed('fails in a scope');
/** What one that is to fail throws. */
const FAILURE = 'a finalizer of a rehearsal';

/** The end of one manager that owns something of its kind. */
export interface Rehearsal {
  readonly id: string;
  /** In the order of registration. */
  readonly plans: readonly FinalizerPlan[];
  readonly workMs?: number | null;
  readonly hangs?: boolean;
  /** In a manager to which nothing is attached. */
  readonly isUnattached?: boolean;
  readonly judge: (seen: FinalizersSeen, deadlines: Deadlines) => readonly (string | undefined)[];
}

export interface Deadlines {
  readonly deadlineMs: number;
  readonly holdMs: number;
  /** Timers fire late, and later where an event loop was held up. */
  readonly slackMs: number;
}

export const REHEARSALS: readonly Rehearsal[] = [
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
      ...Array.from({ length: HUNG_COUNT }, (_, index) => ({ name: rehearsed(`hung ${index + 1}`), takesMs: null })),
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
    judge: ({ report, finalizers: [slow] }, { slackMs }) => [
      slow?.endedMs === null ? 'the manager was closed before it had ended' : undefined,
      (report?.finalizersDoneMs ?? 0) >= LONG_MS - 1
        ? undefined
        : `the report says that all were done after ${ms(report?.finalizersDoneMs)}, and one took ${LONG_MS} ms`,
      (report?.finalizersDoneMs ?? 0) <= LONG_MS + 2 * slackMs
        ? undefined
        : `it took ${LONG_MS} ms, and the report says that all were done only after ${ms(report?.finalizersDoneMs)}`,
      report?.overdue.length === 0 ? undefined : 'it is reported as overdue, and ended in time',
    ],
  },
  {
    id: 'timing/a-scope-that-closes-by-itself-is-in-the-report',
    plans: [
      { name: HANGS_IN_SCOPE, takesMs: null, inScope: true },
      { name: FAILS_IN_SCOPE, takesMs: 0, inScope: true, fails: true },
    ],
    hangs: true,
    judge: ({ report, finalizers: [hangs] }, { holdMs }) => {
      const failed = report?.failed.find(({ name }) => name === FAILS_IN_SCOPE);
      return [
        failed === undefined ? 'the one that failed in a scope is not named as failed' : undefined,
        failed === undefined || failed.error?.includes(FAILURE) === true
          ? undefined
          : `it failed with '${FAILURE}', and the report says '${failed.error ?? 'nothing'}'`,
        // One that is held back waits for all of that time, and a timer may come a millisecond early.
        (hangs?.startedMs ?? Infinity) < holdMs - 1
          ? undefined
          : `the next was started ${ms(hangs?.startedMs)} after the end: one that throws holds nothing back`,
        report?.overdue.some(({ name }) => name === HANGS_IN_SCOPE) === true
          ? undefined
          : 'the one that hangs in a scope is not named as overdue',
      ];
    },
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
    id: 'timing/work-that-never-ends-is-left-behind',
    plans: [{ name: 'behind the work', takesMs: 0 }],
    workMs: null,
    judge: ({ signalMs, finalizers: [behind] }, { deadlineMs, slackMs }) => [
      isWithin(behind?.startedMs, signalMs ?? Infinity, deadlineMs + slackMs)
        ? undefined
        : `the finalizer was started ${ms(behind?.startedMs)} after the close, the signal was aborted ${ms(signalMs)} after it`,
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

export function ms(value: number | null | undefined): string {
  return value === null || value === undefined || value === Infinity ? 'never' : `${Math.round(value * 10) / 10} ms`;
}
