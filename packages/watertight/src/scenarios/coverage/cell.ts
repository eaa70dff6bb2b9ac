import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../drive/seeded-random.ts';
import { openDrive } from '../../drive/drive.ts';
import { openLifeDrive } from '../../drive/lives.ts';
import { wsRecipe } from '../../drive/recipes/ws.ts';
import { parseIdentity } from '../../drive/identity.ts';
import type { Drive } from '../../drive/types.ts';
import { faultOf, HEALTHY, productionFaults } from '../../faulty/faults.ts';
import { specimenNames } from '../../faulty/specimen-names.ts';
import { SPECIMEN_DEFAULTS } from '../../faulty/specimen-options.ts';
import { openInsideView } from '../../inspector/open.ts';
import type { InsideView } from '../../inspector/types.ts';
import { freePort } from '../../target/free-port.ts';
import { ResourceLeakTracker } from '../../tracker.ts';
import type { Promises } from '../../verdict/types.ts';
import type { CellOutcome } from './matrix-run.ts';
import { outcomeOf } from './outcome-of.ts';
import { type Cell, expectedScenario, type House } from './plan.ts';
import { type SpecimenHouse, startSpecimens } from './target.ts';
import { type Copies, type Effort, type Scenario, USUAL_EFFORT } from '../types.ts';
import { slowConsumer } from '../slow-consumer.ts';
import { emergencyCleanupThresholdTrigger } from '../emergency-cleanup-threshold-trigger.ts';
import { managerCreationLimitEnforcement } from '../manager-creation-limit-enforcement.ts';
import { managerCleanupTimingPrecision } from '../manager-cleanup-timing-precision.ts';

const CELL_TIMEOUT_MS = 20_000;
const UNWIND_MS = 1_000;
const SETTLE_MS = 600;
/** Fewer than a check makes: every specimen that keeps something keeps it from the first connection on. */
const CYCLES = 40;
const SEED = 1;
const OF_HEALTHY: Effort = { ...USUAL_EFFORT, places: false };
/** That a planted leak is seen is proved once, by the healthy one. */
const OF_FAULT: Effort = { ...OF_HEALTHY, plant: 'never' };
const BESIDE_CHECK: Effort = { ...OF_FAULT, silentPeers: false };
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
/** Everywhere else: soon quiet enough to be asked, and silence is noticed within four seconds. */
const PATIENT: Heartbeat = { intervalMs: 300, misses: 12 };
/** Where what nobody released must not go by itself, however long a busy machine takes to look. */
const UNMOVED: Heartbeat = { intervalMs: PATIENT.intervalMs, misses: 40 };
/** In situations of production: found silent within 0.9 s, so that what only silence lets go of goes in a scenario of seconds. */
const SHORT: Heartbeat = { intervalMs: 300, misses: 2 };

const promisesWith = ({ intervalMs, misses }: Heartbeat): Promises => ({
  limit: promised(LIMIT),
  deadlineMs: promised(SPECIMEN_DEFAULTS.cleanupDeadlineMs),
  emergencyThreshold: promised(SPECIMEN_DEFAULTS.emergencyThreshold),
  silenceDetectedWithinMs: promised(intervalMs * (misses + 1)),
});

function argumentsOf({ intervalMs, misses }: Heartbeat): readonly string[] {
  return [`--limit=${LIMIT}`, `--heartbeat-interval-ms=${intervalMs}`, `--heartbeat-misses=${misses}`];
}

export interface HouseRun {
  readonly outcomes: readonly CellOutcome[];
  readonly socketsOpened: number;
  /** Resolves when the process is gone; nobody has to wait for it before the next begins. */
  readonly ended: Promise<void>;
}

/**
 * Starts the specimens of one house, puts each before its scenario when they have rested for `restMs` (default 0), and ends them. Never
 * rejects: what fails is `inconclusive`.
 */
export async function runHouse(cells: House, signal: AbortSignal, restMs = 0): Promise<HouseRun> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(CELL_TIMEOUT_MS + restMs)]);
  const heartbeat = heartbeatFor(cells[0]?.scenario);
  const ids = cells.map(({ specimen }) => specimen);
  const names = specimenNames(ids);
  let house: SpecimenHouse;
  try {
    house = await startSpecimens(ids, argumentsOf(heartbeat), bounded);
  } catch (error) {
    return { outcomes: cells.map((cell) => inconclusive(cell, error)), socketsOpened: 0, ended: Promise.resolve() };
  }
  await delay(restMs, undefined, { ref: false });
  const runs = await Promise.all(
    // Each has a signal of its own: a house full of scenarios that wait is no leak of listeners.
    cells.map((cell, index) => {
      const name = names[index] ?? cell.specimen;
      return runCell(cell, { house, index, name, heartbeat, signal: AbortSignal.any([bounded]) });
    }),
  );
  return {
    outcomes: runs.map(({ outcome }) => outcome),
    socketsOpened: runs.reduce((sum, run) => sum + run.socketsOpened, 0),
    ended: house.end(),
  };
}

function heartbeatFor(scenario: Scenario | undefined): Heartbeat {
  // Who stalls must not be found silent, and its frames be given up, before the others were seen to wait.
  if (scenario === slowConsumer) return PATIENT;
  if (scenario?.suite === 'production') return SHORT;
  if (scenario === managerCleanupTimingPrecision) return PROMPT;
  return scenario === managerCreationLimitEnforcement || scenario === emergencyCleanupThresholdTrigger
    ? UNMOVED
    : PATIENT;
}

interface Place {
  readonly house: SpecimenHouse;
  /** Which of its specimens. */
  readonly index: number;
  /** What its factory is called there. */
  readonly name: string;
  readonly heartbeat: Heartbeat;
  readonly signal: AbortSignal;
}

async function runCell(
  cell: Cell,
  { house, index, name, heartbeat, signal }: Place,
): Promise<{ readonly outcome: CellOutcome; readonly socketsOpened: number }> {
  const { scenario, specimen } = cell;
  const named = stepsNamedFor(cell);
  const target = house.targets[index];
  let drive: Drive | undefined;
  let inside: InsideView | undefined;
  try {
    if (target === undefined) throw new RangeError(`the house has no specimen number ${index}`);
    inside = await openInsideView(house.pid, { url: house.inspectorUrl, factoryName: name });
    const tracker = new ResourceLeakTracker({
      scenario: scenario.name,
      purpose: scenario.purpose,
      steps: scenario.steps,
      signal,
    });
    const identity = parseIdentity();
    drive = openDrive(target.url, identity);
    const run = scenario.run({
      target,
      drive,
      openLives: async () =>
        await openLifeDrive({
          url: target.url,
          identity,
          recipe: wsRecipe({ send: [] }),
          random: seededRandom(SEED, 'lives'),
          signal,
        }),
      inside,
      promises: promisesWith(heartbeat),
      tracker,
      cycles: CYCLES,
      effort: effortFor(cell),
      settleMs: SETTLE_MS,
      random: seededRandom(SEED, scenario.name),
      progress: () => {},
      say: () => {},
      signal,
      bail: true,
      bailAt: named,
      isFaulty: isToBeSeen(cell),
      copies: copiesOf(specimen, argumentsOf(heartbeat), signal),
    });
    await untilDoneOrStuck(run, signal);
    const outcome = { specimen, scenario: scenario.name, ...outcomeOf(tracker.result(), named) };
    return { outcome, socketsOpened: drive.madeCount };
  } catch (error) {
    return { outcome: inconclusive(cell, error), socketsOpened: drive?.madeCount ?? 0 };
  } finally {
    await drive?.dispose();
    await inside?.close().catch(() => {});
  }
}

function effortFor({ specimen, isBesideCheck = false }: Cell): Effort {
  if (isBesideCheck) return BESIDE_CHECK;
  return specimen === HEALTHY ? OF_HEALTHY : OF_FAULT;
}

/** Before its own situation a fault has no excuse; whether another one sees it, a machine that is too busy must not decide. */
function isToBeSeen({ specimen, scenario }: Cell): boolean {
  if (scenario.suite !== 'production') return specimen !== HEALTHY;
  return productionFaults.some((fault) => fault.id === specimen && expectedScenario(fault) === scenario);
}

/**
 * Where one of these can be seen, the cell goes on until it is: a busy machine may turn another step red before, and to begin anew costs
 * more than to go on. Elsewhere the first violation says all that is asked.
 */
function stepsNamedFor({ specimen, scenario }: Cell): readonly string[] | undefined {
  const caughtBy: readonly string[] = faultOf(specimen)?.caughtBy ?? [];
  const named = scenario.steps.map(({ id }) => id).filter((id) => caughtBy.includes(id));
  return named.length === 0 ? undefined : named;
}

function inconclusive({ specimen, scenario }: Cell, error: unknown): CellOutcome {
  const note = error instanceof Error ? error.message : String(error);
  return { specimen, scenario: scenario.name, outcome: 'inconclusive', note };
}

/** A faulty server may keep a scenario waiting past its abort; it is left to itself then. */
async function untilDoneOrStuck(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([work, aborted.then(() => delay(UNWIND_MS, undefined, { ref: false }))]);
}

/** Further processes of one specimen, each with a port of its own. */
function copiesOf(specimen: string, args: readonly string[], signal: AbortSignal): Copies {
  return {
    start: async ({ port } = {}) => {
      const told = port ?? (await freePort());
      const env = { ...process.env, PORT: String(told) };
      const further = await startSpecimens([specimen], args, signal, env);
      const [target] = further.targets;
      if (target === undefined) {
        await further.end();
        throw new Error(`a further ${specimen} did not listen`);
      }
      return { target, port: told, openDrive: () => openDrive(target.url, parseIdentity()) };
    },
  };
}
