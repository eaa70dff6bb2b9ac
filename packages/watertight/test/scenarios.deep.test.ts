import { expect, test } from 'vitest';
import { faults } from '../src/faulty/faults.ts';
import { emergencyCleanupThresholdTrigger } from '../src/scenarios/emergency-cleanup-threshold-trigger.ts';
import { managerCleanupTimingPrecision } from '../src/scenarios/manager-cleanup-timing-precision.ts';
import { managerCreationLimitEnforcement } from '../src/scenarios/manager-creation-limit-enforcement.ts';
import { rapidConnectionCyclesStress } from '../src/scenarios/rapid-connection-cycles-stress.ts';
import { resourceLeakDetectionComprehensive } from '../src/scenarios/resource-leak-detection-comprehensive.ts';
import { examined } from '../src/scenarios/coverage/plan.ts';
import type { Scenario } from '../src/scenarios/types.ts';
import { checkGuarded } from './guarded-check.ts';
import { examine, firstRed, notHeld, notHeldFromOutside, startSpecimen } from './scenario-bench.ts';

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

test.each([1, 2, 3, 4, 5, 6, 8, 9, 10, 12])(
  '[N9] a healthy server with a limit of %i a user is convicted of nothing, by no scenario',
  async (limit) => {
    const { code, violations } = await checkGuarded([limit], ['--suite', 'all']);
    expect(violations).toEqual([]);
    expect(code).toBe(0);
  },
);
