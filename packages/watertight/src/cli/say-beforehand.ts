import type { Drive } from '../drive/types.ts';
import type { Progress } from '../report/progress.ts';
import type { StepRecorder } from '../scenarios/types.ts';
import { announce, atRate, estimateRun } from './announcement.ts';
import { openFilesLimit, refuseForOpenFiles } from './open-files.ts';
import type { RunContext } from './run-scenario.ts';
import type { CheckSettings } from './settings.ts';
import type { Stage } from './stages.ts';
import { UsageError } from './usage-error.ts';

/**
 * Says what the run will take, before it takes it.
 * @throws {@link UsageError} where more files would be open at once than may be, here or in the target.
 */
export function sayBeforehand(
  stages: readonly Stage[],
  run: RunContext,
  drive: Drive,
  settings: CheckSettings,
  progress: Progress,
): void {
  const openLives = (): Promise<never> => Promise.reject(new Error('an estimate opens no lives'));
  const estimating = { ...run, drive, openLives, random: Math.random, tracker: NO_RECORDER };
  const announcement = estimateRun(stages, estimating);
  const { target } = run;
  const own = refuseForOpenFiles(
    announcement.atOnceCount,
    openFilesLimit('self'),
    target.pid === undefined ? undefined : openFilesLimit(target.pid),
  );
  if (own !== undefined) throw new UsageError(own);
  const paced = atRate(announcement, settings.fleet.ratePerSecond);
  progress.line(announce(target.label, target.url.href, stages.flat(3).length, paced));
  if (paced.seconds * 1000 > settings.timeoutMs) {
    progress.line(
      `watertight: that may not fit into --timeout ${settings.timeoutMs} ms; whatever is left then counts as not run`,
    );
  }
}

/** An estimate records nothing. */
const NO_RECORDER: StepRecorder = {
  step: () => Promise.resolve(false),
  skip: () => {},
  timing: () => {},
  figure: () => {},
  finding: () => {},
  evidence: () => {},
  coverage: () => {},
};
