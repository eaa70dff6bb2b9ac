import type { ReleaseReport, TeardownOutcome } from './release-report.ts';
import type { Teardown } from './teardown.ts';

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
