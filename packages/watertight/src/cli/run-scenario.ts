import type { LifeDrive } from '../drive/recipes/types.ts';
import type { Drive } from '../drive/types.ts';
import { untilRefusalsAreTold } from '../scenarios/shared/untold-refusals.ts';
import type { Scenario, ScenarioContext } from '../scenarios/types.ts';
import { hasProc, isAlive, processRecord } from '../target/proc.ts';
import type { Target } from '../target/types.ts';
import { ResourceLeakTracker } from '../tracker.ts';
import type { CoverageMatrix, ScenarioResult } from '../verdict/types.ts';
import type { ViolationType } from '../verdict/violation-types.ts';
import { seededRandom } from '../drive/seeded-random.ts';

/** A scenario that does not return after its abort is left to itself after this long. */
const UNWIND_MS = 2_000;
export const BAIL_NOTE = 'stopped at the first violation (--bail)';

const DYING_MS = 20;
/** From the death of a process until its target says so, at most. */
const DEATH_NOTICE_MS = 1_000;

/** What all scenarios of a run share. */
export interface RunContext extends Omit<ScenarioContext, 'drive' | 'tracker' | 'random' | 'openLives'> {
  readonly openLives: (random: () => number, signal: AbortSignal) => Promise<LifeDrive>;
  readonly seed: number;
  readonly expected: readonly ViolationType[];
}

export interface ScenarioRun {
  readonly result: ScenarioResult;
  readonly coverage: CoverageMatrix | null;
  /** By the lives of recipes; not those of the drive. */
  readonly livesSocketCount: number;
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
    doubt: () => whyDead(run.target),
    onViolation: () => {
      if (run.bail) bail.abort(BAIL_NOTE);
    },
  });
  const drive = openDrive();
  const random = seededRandom(run.seed, scenario.name);
  const opened: LifeDrive[] = [];
  const openLives = async (): Promise<LifeDrive> => {
    const lives = await run.openLives(seededRandom(run.seed, `${scenario.name}/lives`), signal);
    opened.push(lives);
    return lives;
  };
  try {
    if (scenario.bearsUntoldRefusals !== true) await untilRefusalsAreTold({ inside: run.inside, signal });
    await untilDoneOrStuck(scenario.run({ ...run, drive, openLives, tracker, random, signal }), signal);
  } catch (error) {
    if (!signal.aborted) {
      const note = error instanceof Error ? error.message : String(error);
      tracker.skip(`${scenario.name}/unexpected-error`, 'inconclusive', note);
    }
  } finally {
    await drive.dispose();
  }
  const note = signal.aborted ? String(signal.reason) : undefined;
  const livesSocketCount = opened.reduce((sum, lives) => sum + lives.madeCount, 0);
  return { result: tracker.result(note), coverage: tracker.coverageMatrix, livesSocketCount };
}

/** A scenario whose clients the server need not let in: what it asks was not promised to them. */
export function notPromised(scenario: Scenario, note: string): ScenarioResult {
  const tracker = new ResourceLeakTracker({
    scenario: scenario.name,
    purpose: scenario.purpose,
    steps: scenario.steps,
  });
  for (const { id } of scenario.steps) tracker.skip(id, 'not promised', note);
  return tracker.result();
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

/**
 * Connections that break because the target has died are no violations of its promises. The process is looked at, twice:
 * the kernel closes the sockets of a dying process a little earlier than it lets go of the process.
 */
async function whyDead(target: Target): Promise<string | undefined> {
  if (target.pid === undefined) return target.failure?.message;
  if (isThere(target.pid)) await delay(DYING_MS);
  if (isThere(target.pid)) return target.failure?.message;
  const failure = await Promise.race([target.ended, delay(DEATH_NOTICE_MS)]);
  return failure?.message ?? 'the target has ended';
}

function isThere(pid: number): boolean {
  if (!hasProc()) return true;
  const record = processRecord(pid);
  return record !== undefined && isAlive(record);
}

async function delay(ms: number): Promise<undefined> {
  return await new Promise((resolve) => setTimeout(resolve, ms, undefined));
}
