import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { faults } from '../src/faulty/faults.ts';
import { emergencyCleanupThresholdTrigger } from '../src/scenarios/emergency-cleanup-threshold-trigger.ts';
import type { InsideView } from '../src/inspector/types.ts';
import { managerCleanupTimingPrecision } from '../src/scenarios/manager-cleanup-timing-precision.ts';
import { managerCreationLimitEnforcement } from '../src/scenarios/manager-creation-limit-enforcement.ts';
import { rapidConnectionCyclesStress } from '../src/scenarios/rapid-connection-cycles-stress.ts';
import { resourceLeakDetectionComprehensive } from '../src/scenarios/resource-leak-detection-comprehensive.ts';
import { examined } from '../src/scenarios/coverage/plan.ts';
import type { Scenario } from '../src/scenarios/types.ts';
import { checkGuarded } from './guarded-check.ts';
import { examine, firstRed, notHeld, notHeldFromOutside, SPECIMEN_PROMISES, startSpecimen } from './scenario-bench.ts';

/** One for each scenario, at the usual limit of twenty; all others are convicted in the coverage run. */
const CASES: readonly (readonly [fault: string, scenario: Scenario])[] = [
  ['D-22', managerCreationLimitEnforcement],
  ['W-05', managerCleanupTimingPrecision],
  ['W-16', managerCleanupTimingPrecision],
  ['D-39', emergencyCleanupThresholdTrigger],
  ['W-15', rapidConnectionCyclesStress],
  ['W-01', resourceLeakDetectionComprehensive],
];
for (const [id, scenario] of CASES) {
  test(`[N8] ${id} is convicted by ${scenario.name}, in a step named for it`, async () => {
    const bench = await startSpecimen(id);
    try {
      const named = faults.find((fault) => fault.id === id)?.caughtBy;
      const red = await firstRed(bench, scenario);
      expect(named, JSON.stringify(red)).toContain(red?.step);
    } finally {
      await bench.end();
    }
  });
}

test('[N40] who came long before the silence is not taken by ordinary removal before the emergency cleanup', async () => {
  const bench = await startSpecimen('healthy');
  try {
    const result = await examine(bench, emergencyCleanupThresholdTrigger, { arrivalMs: 130 });
    expect(notHeld(result)).toEqual([]);
  } finally {
    await bench.end();
  }
});

/** The same, but for one member. */
function butFor<Whole extends object>(whole: Whole, name: keyof Whole, member: unknown): Whole {
  return new Proxy(whole, {
    get: (_whole, asked) => {
      const found: unknown = asked === name ? member : Reflect.get(whole, asked);
      return typeof found === 'function' ? (found.bind(whole) as unknown) : found;
    },
  });
}

/** Whoever reads the statistics of a user waits so much longer. */
function readSlowly(inside: InsideView, delayMs: number): InsideView {
  const { factory } = inside;
  if (factory === undefined) throw new Error('the specimen shows no factory');
  const usage = async (user: string): Promise<unknown> => {
    await delay(delayMs);
    return await factory.usage(user);
  };
  return butFor(inside, 'factory', butFor(factory, 'usage', usage));
}

test('[N47] cleanups that begin late convict who keeps the silent, and of what hangs on when they began nobody', async () => {
  const intervalMs = 300;
  const misses = 12;
  const bench = await startSpecimen('D-40', [`--heartbeat-interval-ms=${intervalMs}`, `--heartbeat-misses=${misses}`]);
  try {
    const { steps, violations } = await examine(bench, emergencyCleanupThresholdTrigger, {
      inside: readSlowly(bench.inside, 2 * intervalMs),
      promises: { ...SPECIMEN_PROMISES, silenceDetectedWithinMs: { by: 'target', value: intervalMs * (misses + 1) } },
      isFaulty: true,
    });
    expect(violations.map(({ step }) => step)).toEqual([
      'emergency/the-silent-go',
      'emergency/a-young-burst-is-removed-too',
    ]);
    const late = steps.find(({ id }) => id === 'emergency/who-answers-late-stays');
    expect(late).toMatchObject({ status: 'inconclusive', note: expect.stringMatching(/began \d+ ms after/) as string });
  } finally {
    await bench.end();
  }
});

test('[N9] a healthy server that is seen only from outside convicts nobody; what needs the inside is not visible, and the rest is decided', async () => {
  const bench = await startSpecimen('healthy');
  try {
    for (const scenario of examined) {
      const result = await examine(bench, scenario, { inside: undefined, cycles: 40 });
      const statuses = result.steps.map((step) => step.status);
      expect(notHeldFromOutside(result)).toEqual([]);
      expect(statuses).toEqual(expect.arrayContaining(['held', 'not visible']));
      expect(result.violations).toEqual([]);
    }
  } finally {
    await bench.end();
  }
});

/** Around ten, which most scenarios bring at once, and down to where there is room for one. */
const SMALL_LIMITS = [1, 2, 4, 5, 9];
/** Those that fill a limit up. */
const FILLING = [
  managerCreationLimitEnforcement,
  managerCleanupTimingPrecision,
  emergencyCleanupThresholdTrigger,
  resourceLeakDetectionComprehensive,
].flatMap(({ name }) => ['--only', name]);

test.each(SMALL_LIMITS)('[N9] a healthy server with a limit of %i a user is convicted of nothing', async (limit) => {
  const { code, violations } = await checkGuarded([limit], FILLING);
  expect(violations).toEqual([]);
  expect(code).toBe(0);
});

test('[V2] a server whose heartbeat is longer than a check waits is watertight as far as was looked, and what was not is told', async () => {
  const { code, result, stdout } = await checkGuarded([20, 30_000], FILLING);
  const verdicts = Object.fromEntries(result.scenarios.map(({ name, verdict }) => [name, verdict]));
  expect(verdicts).toEqual({
    [managerCreationLimitEnforcement.name]: 'watertight',
    [managerCleanupTimingPrecision.name]: 'watertight',
    [emergencyCleanupThresholdTrigger.name]: 'not visible',
    [resourceLeakDetectionComprehensive.name]: 'watertight',
  });
  expect(code).toBe(0);
  const unseen = stdout.slice(stdout.indexOf('Not looked at'));
  expect(unseen).toContain('a heartbeat interval of 30 s is longer than a check waits');
  expect(unseen).toContain('silence is promised to be noticed within 90 s');
  expect(unseen).not.toContain('quieter machine');
  // Finalizers of ours hang and fail there, and the server warns of each.
  expect(result.complaints).toEqual([]);
  // Nothing else was looked at: that is no promise kept.
  const alone = await checkGuarded([20, 30_000], ['--only', emergencyCleanupThresholdTrigger.name]);
  expect(alone.code).toBe(3);
});

test('[N9] a healthy server with a limit of two a user is convicted of nothing by the situations of production either', async () => {
  const { code, violations } = await checkGuarded([2], ['--suite', 'production']);
  expect(violations).toEqual([]);
  expect(code).toBe(0);
});
