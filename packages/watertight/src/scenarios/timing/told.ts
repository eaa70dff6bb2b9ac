import type { FactoryStats } from '@watertight/server';
import type { FactoryEvent, Hearing } from '../../inspector/types.ts';
import { NO_FACTORY, type TimingBench } from './bench.ts';
import type { Trial, TrialEnding } from './ending-trial.ts';
import type { Trials } from './trials.ts';
import type { StepOutcome } from '../types.ts';

const REASONS = 'timing/each-release-says-why';
const SOCKETS = 'timing/each-report-says-when-its-socket-went';
const RELEASED = 'watertight:manager:released';
const ERROR = 'watertight:error';
export const CHANNELS: readonly string[] = [RELEASED, ERROR];

/** What a release is counted and reported as; the server's own close gives its reason itself. */
const REASON_OF: Readonly<Record<TrialEnding, string>> = {
  'close-frame': 'client-close',
  goodbye: 'client-close',
  fin: 'client-close',
  rst: 'client-error',
  'protocol-error': 'client-error',
  'server-close': 'timing',
};
const SILENT = 'silent';
/** What a report may be off: it counts from when the server knew, we from when it could. */
const SLACK_MS = 100;

/** What the factory told of the managers that ended in trials, and of those that went silent. */
export async function checkTold(
  bench: TimingBench,
  before: FactoryStats | undefined,
  seen: Trials,
  hearing: Hearing | undefined,
): Promise<void> {
  const { steps, context } = bench;
  const events = await hearing?.heard();
  const after = await context.inside?.factory?.stats();
  if (events === undefined || before === undefined || after === undefined) {
    for (const id of [REASONS, SOCKETS]) steps.skip(id, 'not visible', NO_FACTORY);
    return;
  }
  await steps.check(REASONS, () => judgeReasons(seen.trials, bench.silentUsers, events));
  const handshakeMs = context.inside?.factory?.options.closeHandshakeMs ?? 0;
  const silent = bench.silentUsers.map((user) => ({ user, withinMs: handshakeMs / 2 }));
  await steps.check(SOCKETS, () => judgeSockets(seen, events, { before, after, silent }));
}

function judgeReasons(
  trials: readonly Trial[],
  silentUsers: readonly string[],
  events: readonly FactoryEvent[],
): StepOutcome {
  const expected: readonly (readonly [what: string, user: string, reason: string])[] = [
    ...trials.map(({ ending, user }) => [ending, user, REASON_OF[ending]] as const),
    ...silentUsers.map((user) => ['silence', user, SILENT] as const),
  ];
  const told = expected.map(([what, user, reason]) => {
    const reasons = reportsOn(user, events).map((report) => report.reason ?? 'no reason');
    return { what, reason, reasons, ok: reasons.length > 0 && reasons.every((each) => each === reason) };
  });
  const wrong = told.filter(({ ok }) => !ok);
  const errors = trials.filter((trial) => trial.hung && !isToldAsError(trial.user, events)).map(({ ending }) => ending);
  const sentences = [
    ...wrong.map(
      ({ what, reason, reasons }) =>
        `after ${what} the reason was ${reasons.join(', ') || 'not told'} instead of ${reason}`,
    ),
    ...(errors.length === 0 ? [] : [`a finalizer hung after ${errors.join(', ')}, and no error was published`]),
  ];
  const figures = Object.fromEntries(told.map(({ what, reasons }) => [what, [...new Set(reasons)].join(', ')]));
  return { ok: sentences.length === 0, message: sentences.join('; '), type: 'accounting-mismatch', figures };
}

function judgeSockets(
  { trials, loopDelayMs }: Trials,
  events: readonly FactoryEvent[],
  {
    before,
    after,
    silent,
  }: {
    readonly before: FactoryStats;
    readonly after: FactoryStats;
    readonly silent: readonly { readonly user: string; readonly withinMs: number }[];
  },
): StepOutcome {
  const samples = trials.flatMap(({ ending, hung, user, goneMs }) => {
    if (goneMs === undefined || !Number.isFinite(goneMs)) return [];
    const reportedMs = reportsOn(user, events)[0]?.socketGoneMs ?? null;
    return [{ name: hung ? `${ending}, hung` : ending, goneMs, reportedMs }];
  });
  const wrong = samples.filter(
    ({ goneMs, reportedMs }) => reportedMs === null || reportedMs < goneMs - SLACK_MS - loopDelayMs,
  );
  const counted = after.cleanup.socketGone.count - before.cleanup.socketGone.count;
  // Of others, who were here before, some may have gone between the first statistics and the first event.
  const reported = samples.filter(({ reportedMs }) => reportedMs !== null).length;
  // Where the loop stands still, the handshake alone is not to blame.
  const waited = silent.flatMap(({ user, withinMs }) => {
    const goneMs = reportsOn(user, events)[0]?.socketGoneMs ?? 0;
    return goneMs <= withinMs + loopDelayMs
      ? []
      : [`the socket of a silent peer was kept for another ${Math.round(goneMs)} ms, as if it could still say goodbye`];
  });
  const sentences = wrong
    .map(
      ({ name, goneMs, reportedMs }) =>
        `${name}: reported ${reportedMs === null ? 'never' : `after ${Math.round(reportedMs)} ms`}, seen to go after ${Math.round(goneMs)} ms`,
    )
    .concat(waited)
    .concat(counted >= reported ? [] : `${reported} reports have a time, and the statistics count ${counted} sockets`);
  const figures = {
    counted,
    reported,
    ...Object.fromEntries(samples.map(({ name, reportedMs }) => [`${name} ms`, reportedMs])),
  };
  return { ok: sentences.length === 0, message: sentences.join('; '), type: 'accounting-mismatch', figures };
}

function reportsOn(user: string, events: readonly FactoryEvent[]): readonly NonNullable<FactoryEvent['report']>[] {
  return events.flatMap(({ channel, report }) => (channel === RELEASED && report?.user === user ? [report] : []));
}

function isToldAsError(user: string, events: readonly FactoryEvent[]): boolean {
  return events.some((event) => event.channel === ERROR && event.user === user);
}
