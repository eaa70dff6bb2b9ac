import type { FactoryStats, ReleaseReport } from '@watertight/server';
import { HUNG_IN_REPORT_COUNT } from './ending-trial.ts';
import { poll } from '../../evidence/poll.ts';
import { judgeSamples } from './timed.ts';
import { NO_FACTORY, type TimingBench } from './bench.ts';
import type { Trials } from './trials.ts';
import type { StepOutcome } from '../types.ts';

const DONE = 'timing/finalizers-are-done-by-the-deadline';
const NAMED = 'timing/a-hung-finalizer-is-named';
/** A finalizer that hangs is reported when the deadline's timer fires, and timers fire late. */
const REPORT_SLACK_MS = 50;

/** What the server itself says about the finalizers of all that ended since `before`. */
export async function checkFinalizers(
  bench: TimingBench,
  before: FactoryStats | undefined,
  seen: Trials,
): Promise<void> {
  const factory = bench.context.inside?.factory;
  if (factory === undefined || before === undefined) {
    bench.steps.skip(DONE, 'not visible', NO_FACTORY);
    bench.steps.skip(NAMED, 'not visible', NO_FACTORY);
    return;
  }
  const reports = seen.trials.flatMap(({ report }) => report ?? []);
  for (const { finalizersDoneMs } of reports) bench.timing('finalizers done', finalizersDoneMs);
  await bench.steps.check(DONE, async () => {
    const done = before.cleanup.finalizersDone;
    const { last: after } = await poll(
      () => factory.stats(),
      (stats) => stats.cleanup.finalizersDone.count - done.count >= bench.endedCount,
      { deadlineMs: bench.patienceMs, everyMs: 25, signal: bench.context.signal },
    );
    return judgeDone(bench, before, after, reports, seen.loopDelayMs);
  });
  await bench.steps.check(NAMED, () => judgeNames(reports));
}

function judgeDone(
  bench: TimingBench,
  before: FactoryStats,
  after: FactoryStats,
  reports: readonly ReleaseReport[],
  loopDelayMs: number,
): StepOutcome {
  const { finalizersDone } = after.cleanup;
  const doneCount = finalizersDone.count - before.cleanup.finalizersDone.count;
  const overCount = finalizersDone.overDeadline - before.cleanup.finalizersDone.overDeadline;
  const figures = {
    ended: bench.endedCount,
    done: doneCount,
    hung: bench.hungCount,
    overDeadline: overCount,
    p50Ms: finalizersDone.p50Ms,
    p99Ms: finalizersDone.p99Ms,
    maxMs: Math.round(finalizersDone.maxMs),
  };
  if (doneCount < bench.endedCount) {
    const message = `${bench.endedCount} managers ended, but the finalizers of only ${doneCount} were done or reported within ${bench.patienceMs} ms`;
    return { ok: false, message, type: 'slow-finalizers', figures };
  }
  const samples = reports.map(({ finalizersDoneMs }) => ({
    name: 'report on the hung ones',
    elapsedMs: finalizersDoneMs,
  }));
  const outcome = judgeSamples(samples, bench.deadlineMs + REPORT_SLACK_MS, loopDelayMs, {
    what: 'finalizers were done or reported',
    type: 'slow-finalizers',
  });
  if (!outcome.ok || overCount <= bench.hungCount) return { ...outcome, figures: { ...outcome.figures, ...figures } };
  const elapsedMs = Math.max(finalizersDone.maxMs, bench.deadlineMs + 1);
  const late = { name: `${overCount - bench.hungCount} managers without a hung finalizer at most`, elapsedMs };
  const judged = judgeSamples([late], bench.deadlineMs, loopDelayMs, {
    what: 'finalizers were done',
    type: 'slow-finalizers',
  });
  return { ...judged, figures: { ...judged.figures, ...figures } };
}

function judgeNames(reports: readonly ReleaseReport[]): StepOutcome {
  const overdue = reports.flatMap((report) => report.overdue);
  const named = overdue.filter(({ name, registeredAt }) => name !== '' && registeredAt !== '');
  const figures = {
    reports: reports.length,
    hung: HUNG_IN_REPORT_COUNT,
    named: named.length,
    names: named.map(({ name, registeredAt }) => `${name} (${registeredAt})`).join(', '),
    deadlineMet: reports.every((report) => report.deadlineMet),
  };
  if (reports.length === 0 || named.length === 0) {
    return {
      ok: false,
      message: 'the release report names none of the finalizers that hang',
      type: 'overdue-finalizer-unnamed',
      figures,
    };
  }
  return {
    ok: named.length >= HUNG_IN_REPORT_COUNT,
    message: `${HUNG_IN_REPORT_COUNT} finalizers of one manager hang, the report names ${named.length}: one that hangs keeps the next from being started`,
    type: 'finalizer-blocks-others',
    figures,
  };
}
