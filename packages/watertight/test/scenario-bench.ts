import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openDrive } from '../src/drive/drive.ts';
import { openLifeDrive } from '../src/drive/lives.ts';
import { wsRecipe } from '../src/drive/recipes/ws.ts';
import type { Drive } from '../src/drive/types.ts';
import { parseIdentity } from '../src/drive/identity.ts';
import { SPECIMEN_DEFAULTS } from '../src/faulty/specimen-options.ts';
import { openInsideView } from '../src/inspector/open.ts';
import type { InsideView } from '../src/inspector/types.ts';
import { LIFE_STEPS } from '../src/scenarios/limit/rehearsed-lives.ts';
import { USUAL_EFFORT, type Scenario, type ScenarioContext } from '../src/scenarios/types.ts';
import { spawnTarget } from '../src/target/spawn.ts';
import type { Target } from '../src/target/types.ts';
import { ResourceLeakTracker } from '../src/tracker.ts';
import type { Promises, ScenarioResult, Violation } from '../src/verdict/types.ts';

const SPECIMEN_ENTRY = fileURLToPath(new URL('../dist/programs/specimen.js', import.meta.url));

const promised = (value: number): { readonly by: 'target'; readonly value: number } => ({ by: 'target', value });

/** What a specimen promises, as a factory of ours would have it read. */
export const SPECIMEN_PROMISES: Promises = {
  limit: promised(SPECIMEN_DEFAULTS.maxManagersPerUser),
  deadlineMs: promised(SPECIMEN_DEFAULTS.cleanupDeadlineMs),
  emergencyThreshold: promised(SPECIMEN_DEFAULTS.emergencyThreshold),
  silenceDetectedWithinMs: promised(1_800),
};

export const NOTHING_PROMISED: Promises = {
  limit: { by: 'nobody' },
  deadlineMs: { by: 'nobody' },
  emergencyThreshold: { by: 'nobody' },
  silenceDetectedWithinMs: { by: 'nobody' },
};

/** A server in a process of its own, ended by `end()`. */
export interface Bench {
  readonly target: Target;
  readonly inside: InsideView;
  end(): Promise<void>;
}

/** Starts a specimen with a fault, or the healthy one; `options` are those of its program. */
export async function startSpecimen(fault: string, options: readonly string[] = []): Promise<Bench> {
  const command = [process.execPath, '--inspect=127.0.0.1:0', SPECIMEN_ENTRY, '--fault', fault, ...options];
  const target = await spawnTarget({ command, waitFor: 'listening on' });
  if (target.pid === undefined) throw new Error('the process of the specimen is not visible');
  const inside = await openInsideView(target.pid);
  const end = async (): Promise<void> => {
    await inside.close();
    await target.end();
  };
  return { target, inside, end };
}

export interface Examined extends ScenarioResult {
  /** Clients that were not disposed when the scenario was over. */
  readonly leftOpen: number;
  readonly elapsedMs: number;
}

type Subject = Pick<Bench, 'target'> & { readonly inside: InsideView | undefined };
type Settings = Partial<
  Pick<ScenarioContext, 'bail' | 'inside' | 'promises' | 'cycles' | 'settleMs' | 'signal' | 'effort' | 'isFaulty'>
> & {
  /** Whoever comes takes so much longer to come in. */
  readonly arrivalMs?: number;
};

/** A machine that stands still every time is not fit to test on. */
const MAX_EXAMINATIONS = 3;

/** Puts a server before one scenario; again, as its notes ask for, where a machine that stood still left a step open [N13]. */
export async function examine(bench: Subject, scenario: Scenario, settings: Settings = {}): Promise<Examined> {
  for (let examinations = 1; ; examinations += 1) {
    const examined = await examineOnce(bench, scenario, settings);
    const isConvicted = examined.violations.length > 0;
    if (isConvicted || examinations === MAX_EXAMINATIONS || !isLeftOpenByMachine(examined)) return examined;
  }
}

function isLeftOpenByMachine({ steps }: Examined): boolean {
  return steps.some(
    ({ status, note }) => status === 'inconclusive' && note?.includes('on a less busy machine') === true,
  );
}

async function examineOnce(
  bench: Subject,
  scenario: Scenario,
  { arrivalMs, ...settings }: Settings,
): Promise<Examined> {
  const signal = settings.signal ?? new AbortController().signal;
  const tracker = new ResourceLeakTracker({
    scenario: scenario.name,
    purpose: scenario.purpose,
    steps: scenario.steps,
    signal,
  });
  const identity = parseIdentity();
  const drive = openDrive(bench.target.url, identity);
  const startedAtMs = performance.now();
  try {
    await scenario.run({
      target: bench.target,
      drive: arrivalMs === undefined ? drive : slowed(drive, arrivalMs),
      openLives: async () =>
        await openLifeDrive({
          url: bench.target.url,
          identity,
          recipe: wsRecipe({ send: [] }),
          random: Math.random,
          signal,
        }),
      inside: bench.inside,
      promises: SPECIMEN_PROMISES,
      tracker,
      cycles: 100,
      effort: USUAL_EFFORT,
      settleMs: 2_000,
      random: seeded(7),
      progress: () => {},
      say: () => {},
      bail: false,
      ...settings,
      signal,
    });
    return { ...tracker.result(), leftOpen: drive.openCount, elapsedMs: performance.now() - startedAtMs };
  } finally {
    await drive.dispose();
  }
}

function slowed(drive: Drive, arrivalMs: number): Drive {
  const connect = drive.connect.bind(drive);
  return Object.assign(drive, {
    connect: async (...request: Parameters<Drive['connect']>) => {
      await delay(arrivalMs);
      return await connect(...request);
    },
  });
}

/** What is said of the first step that a server turns red. */
export async function firstRed(bench: Bench, scenario: Scenario): Promise<Violation | undefined> {
  const { violations } = await examine(bench, scenario, { bail: true });
  return violations[0];
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

/** Nobody names metrics of a specimen: it has none; and its time is nobody's to move. */
const NOT_OF_A_SPECIMEN: ReadonlySet<string> = new Set(['cycles/no-gauge-grows', ...LIFE_STEPS.map(({ id }) => id)]);

/** What the steps say that did not hold. */
export function notHeld({ steps }: Examined): string[] {
  return steps
    .filter(({ id, status }) => status !== 'held' && !(NOT_OF_A_SPECIMEN.has(id) && status.startsWith('not ')))
    .map((step) => `${step.id} ${step.status}: ${step.note ?? ''}`);
}

/**
 * What did not hold of a server that is seen only from outside, but for what cannot be seen. What its collector has not come to yet may keep
 * its memory from being decided; that convicts nobody.
 */
export function notHeldFromOutside(result: Examined): string[] {
  return notHeld(result).filter(
    (line) =>
      !line.includes(' not visible: ') && !line.startsWith('cycles/no-memory-outside-the-heap-grows inconclusive'),
  );
}
