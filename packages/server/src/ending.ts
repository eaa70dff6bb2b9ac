import type { ReleaseReport, Teardown, TeardownOutcome } from './teardown.ts';

/** The end of a manager that has something to let go of: those that live do not carry it. */
export interface Ending {
  teardown: Teardown | undefined;
  outcome: TeardownOutcome | undefined;
  released: Promise<ReleaseReport> | undefined;
}

/** Somebody waits for the release of a manager that lives. */
export interface Waiting {
  readonly released: Promise<ReleaseReport>;
  readonly resolve: (report: ReleaseReport) => void;
}

export function waitForRelease(): Waiting {
  let resolve: Waiting['resolve'] = () => undefined;
  const released = new Promise<ReleaseReport>((settle) => {
    resolve = settle;
  });
  return { released, resolve };
}

/** Written out: a spread costs ten times as much, and every release makes one of these. */
export function makeReport(
  of: Pick<ReleaseReport, 'user' | 'reason'> & { readonly id: string },
  outcome: TeardownOutcome,
): ReleaseReport {
  return {
    managerId: of.id,
    user: of.user,
    reason: of.reason,
    socketGoneMs: outcome.socketGoneMs,
    finalizersDoneMs: outcome.finalizersDoneMs,
    finalizersRun: outcome.finalizersRun,
    failed: outcome.failed,
    overdue: outcome.overdue,
    eventLoopStalledMs: outcome.eventLoopStalledMs,
    deadlineMet: outcome.deadlineMet,
  };
}
