import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from './seeded-random.ts';
import { openDrive } from '../drive/drive.ts';
import { parseIdentity } from '../drive/identity.ts';
import { SPECIMEN_DEFAULTS } from '../faulty/specimen-options.ts';
import { openInsideView } from '../inspector/open.ts';
import { ResourceLeakTracker } from '../tracker.ts';
import type { Promises, ScenarioResult } from '../verdict/types.ts';
import type { CellOutcome } from './coverage-matrix.ts';
import type { Cell } from './coverage-plan.ts';
import { startSpecimen } from './coverage-target.ts';
import { managerCleanupTimingPrecision } from './manager-cleanup-timing-precision.ts';

const CELL_TIMEOUT_MS = 20_000;
const UNWIND_MS = 1_000;
const SETTLE_MS = 700;
/** Fewer than a check makes: every specimen that keeps something keeps it from the first connection on. */
const CYCLES = 40;
const SEED = 1;
/** Half of what people set: every rule about a limit can be broken at ten as at twenty, with half the sockets. */
const LIMIT = 10;

const promised = <T>(value: T): { readonly by: 'target'; readonly value: T } => ({ by: 'target', value });

interface Heartbeat {
  readonly intervalMs: number;
  readonly misses: number;
}

/** Where silence itself is timed. */
const PROMPT: Heartbeat = {
  intervalMs: SPECIMEN_DEFAULTS.heartbeatIntervalMs,
  misses: SPECIMEN_DEFAULTS.heartbeatMisses,
};
/** Everywhere else: soon quiet enough to be asked, and no ordinary removal while an emergency is looked at. */
const PATIENT: Heartbeat = { intervalMs: 300, misses: 12 };

const promisesWith = ({ intervalMs, misses }: Heartbeat): Promises => ({
  limit: promised(LIMIT),
  deadlineMs: promised(SPECIMEN_DEFAULTS.cleanupDeadlineMs),
  emergencyThreshold: promised(SPECIMEN_DEFAULTS.emergencyThreshold),
  silenceDetectedWithinMs: promised(intervalMs * (misses + 1)),
});

function argumentsOf(specimen: string, { intervalMs, misses }: Heartbeat): readonly string[] {
  return ['--fault', specimen, `--limit=${LIMIT}`, `--heartbeat-interval-ms=${intervalMs}`, `--heartbeat-misses=${misses}`];
}

export interface CellRun {
  readonly outcome: CellOutcome;
  readonly socketsOpened: number;
  /** Resolves when the specimen's process is gone; nobody has to wait for it before the next begins. */
  readonly ended: Promise<void>;
}

/** Starts one specimen, puts it before one scenario, and ends it. Never rejects: what fails is `inconclusive`. */
export async function runCell({ specimen, scenario }: Cell, signal: AbortSignal): Promise<CellRun> {
  const about = { specimen, scenario: scenario.name };
  const heartbeat = scenario === managerCleanupTimingPrecision ? PROMPT : PATIENT;
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(CELL_TIMEOUT_MS)]);
  let socketsOpened = 0;
  let ended: Promise<void> = Promise.resolve();
  try {
    const { target, inspectorUrl } = await startSpecimen(argumentsOf(specimen, heartbeat), bounded);
    const end = async (): Promise<void> => {
      await inside?.close().catch(() => {});
      await target.end();
    };
    let inside: Awaited<ReturnType<typeof openInsideView>> | undefined;
    try {
      if (target.pid === undefined) throw new Error('the process of the specimen is not visible');
      inside = await openInsideView(target.pid, { url: inspectorUrl });
      const tracker = new ResourceLeakTracker({
        scenario: scenario.name,
        purpose: scenario.purpose,
        steps: scenario.steps,
        signal: bounded,
      });
      const drive = openDrive(target.url, parseIdentity());
      try {
        const run = scenario.run({
          target,
          drive,
          inside,
          promises: promisesWith(heartbeat),
          tracker,
          cycles: CYCLES,
          settleMs: SETTLE_MS,
          random: seededRandom(SEED, scenario.name),
          progress: () => {},
          signal: bounded,
          bail: true,
        });
        await untilDoneOrStuck(run, bounded);
      } finally {
        socketsOpened = drive.madeCount;
        await drive.dispose();
      }
      const outcome = { ...about, ...outcomeOf(tracker.result()) };
      return { outcome, socketsOpened, ended: (ended = end()) };
    } catch (error) {
      ended = end();
      throw error;
    }
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    return { outcome: { ...about, outcome: 'inconclusive', note }, socketsOpened, ended };
  }
}

function outcomeOf(result: ScenarioResult): { readonly outcome: string; readonly note: string } {
  const [violation] = result.violations;
  if (violation !== undefined) return { outcome: violation.step, note: violation.message };
  // Specimens show everything and promise everything: a step that was not looked at proves nothing.
  const unseen = result.steps.find((step) => step.status !== 'held');
  if (unseen !== undefined)
    return { outcome: 'inconclusive', note: `${unseen.id} is ${unseen.status}: ${unseen.note ?? ''}` };
  return { outcome: 'green', note: '' };
}

/** A faulty server may keep a scenario waiting past its abort; it is left to itself then. */
async function untilDoneOrStuck(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([work, aborted.then(() => delay(UNWIND_MS, undefined, { ref: false }))]);
}
