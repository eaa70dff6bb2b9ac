import { expect, test } from 'vitest';
import { faults } from '../src/faulty/faults.ts';
import { emergencyCleanupThresholdTrigger } from '../src/scenarios/emergency-cleanup-threshold-trigger.ts';
import { managerCleanupTimingPrecision } from '../src/scenarios/manager-cleanup-timing-precision.ts';
import { managerCreationLimitEnforcement } from '../src/scenarios/manager-creation-limit-enforcement.ts';
import { rapidConnectionCyclesStress } from '../src/scenarios/rapid-connection-cycles-stress.ts';
import { resourceLeakDetectionComprehensive } from '../src/scenarios/resource-leak-detection-comprehensive.ts';
import type { Scenario } from '../src/scenarios/types.ts';
import { firstRed, startSpecimen } from './scenario-bench.ts';

/** One for each scenario, at the usual limit of twenty; all others are convicted in the coverage run. */
const CASES: readonly (readonly [fault: string, scenario: Scenario])[] = [
  ['D-22', managerCreationLimitEnforcement],
  ['W-05', managerCleanupTimingPrecision],
  ['D-39', emergencyCleanupThresholdTrigger],
  ['W-15', rapidConnectionCyclesStress],
  ['W-01', resourceLeakDetectionComprehensive],
];
for (const [id, scenario] of CASES) {
  test(`[N8] ${id} is convicted by ${scenario.name}, in a step named for it`, async () => {
    const bench = await startSpecimen(id);
    try {
      const named = faults.find((fault) => fault.id === id)?.caughtBy;
      expect(named).toContain(await firstRed(bench, scenario));
    } finally {
      await bench.end();
    }
  });
}
