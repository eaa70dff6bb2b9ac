import type { FactoryEvent } from '../../inspector/types.ts';
import type { Judged } from './judged.ts';
import type { LateSeen } from './late.ts';
import type { StepOutcome } from '../types.ts';

interface CleanupReport {
  readonly asked: number;
  readonly answered: number;
}

/** What the server told of the last cleanup of a user. */
function reportOn(user: string, events: readonly FactoryEvent[]): CleanupReport | undefined {
  const report = events.findLast(
    (event) => event.channel === 'watertight:emergency:end' && event.report?.user === user,
  )?.report;
  return report === undefined ? undefined : { asked: report.asked ?? 0, answered: report.answered ?? 0 };
}

/** Both halves: the one whose cleanup an admission triggered, and the one whose cleanup was asked for by hand. */
export function judgeLate({ play, cast, loopDelayMs }: Judged): StepOutcome {
  const { byHand, events, triggeredLate } = play;
  const halves: readonly (readonly [LateSeen, CleanupReport | undefined])[] = [
    [triggeredLate, events === undefined ? undefined : reportOn(cast.triggered.user, events)],
    ...(byHand === undefined ? [] : [[byHand.late, byHand] as const]),
  ];
  const sum = (of: (late: LateSeen, report: CleanupReport | undefined) => number): number =>
    halves.reduce((total, [late, report]) => total + of(late, report), 0);
  const late = sum(({ count }) => count);
  const answering = sum(({ living }) => living.answering);
  const gone = sum(({ living }) => living.livingGone);
  const figures = {
    late,
    answering,
    gone,
    asked: sum((_late, report) => report?.asked ?? 0),
    answered: sum((_late, report) => report?.answered ?? 0),
    loopDelayMs: Math.round(loopDelayMs),
  };
  if (answering < late || gone > 0) {
    const message = `of ${late} living ones who answered only when the cleanup asked ${answering} still answer and ${gone} lost their socket: their answer was not waited for`;
    return { ok: false, message, type: 'emergency-removed-living', severity: 'critical', figures };
  }
  const expected = sum(({ count, wereAsked }) => (wereAsked ? count : 0));
  const counted = sum(({ wereAsked }, report) => (wereAsked ? (report?.answered ?? 0) : 0));
  const message = `${expected} were quiet for longer than an interval and answered, but the reports of the cleanups count ${counted} who answered, of ${figures.asked} asked`;
  const isVisible = halves.every(([, report]) => report !== undefined);
  return { ok: !isVisible || counted >= expected, message, type: 'accounting-mismatch', figures };
}
