import type { Drive } from '../drive/types.ts';
import type { Scenario, ScenarioContext } from '../scenarios/types.ts';
import { ResourceLeakTracker } from '../tracker.ts';
import type { CoverageMatrix, ScenarioResult } from '../verdict/types.ts';
import type { ViolationType } from '../verdict/violation-types.ts';
import { seededRandom } from '../scenarios/seeded-random.ts';

/** A scenario that does not return after its abort is left to itself after this long. */
const UNWIND_MS = 2_000;
export const BAIL_NOTE = 'stopped at the first violation (--bail)';

/** What all scenarios of a run share. */
export interface RunContext extends Omit<ScenarioContext, 'drive' | 'tracker' | 'random'> {
  readonly seed: number;
  readonly expected: readonly ViolationType[];
}

export interface ScenarioRun {
  readonly result: ScenarioResult;
  readonly coverage: CoverageMatrix | null;
}

/** Runs one scenario with clients of its own; never rejects. What it throws becomes an inconclusive step. */
export async function runScenario(scenario: Scenario, run: RunContext, openDrive: () => Drive): Promise<ScenarioRun> {
  const bail = new AbortController();
  const signal = AbortSignal.any([run.signal, bail.signal]);
  const tracker = new ResourceLeakTracker({
    scenario: scenario.name,
    purpose: scenario.purpose,
    steps: scenario.steps,
    expected: run.expected,
    signal,
    onViolation: () => {
      if (run.bail) bail.abort(BAIL_NOTE);
    },
  });
  const drive = openDrive();
  const random = seededRandom(run.seed, scenario.name);
  try {
    await untilDoneOrStuck(scenario.run({ ...run, drive, tracker, random, signal }), signal);
  } catch (error) {
    if (!signal.aborted) {
      const note = error instanceof Error ? error.message : String(error);
      tracker.skip(`${scenario.name}/unexpected-error`, 'inconclusive', note);
    }
  } finally {
    await drive.dispose();
  }
  const note = signal.aborted ? String(signal.reason) : undefined;
  return { result: tracker.result(note), coverage: tracker.coverageMatrix };
}

/** A scenario that was never begun, so that its absence shows. */
export function notRun(scenario: Scenario, note: string): ScenarioResult {
  return new ResourceLeakTracker({ scenario: scenario.name, purpose: scenario.purpose, steps: scenario.steps }).result(
    note,
  );
}

async function untilDoneOrStuck(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const stuck = new Promise<void>((resolve) => {
    const arm = (): void => {
      timer = setTimeout(resolve, UNWIND_MS);
    };
    if (signal.aborted) arm();
    else signal.addEventListener('abort', arm, { once: true });
  });
  try {
    await Promise.race([work, stuck]);
  } finally {
    clearTimeout(timer);
  }
}
