import { emergencyCleanupThresholdTrigger } from './emergency-cleanup-threshold-trigger.ts';
import { managerCleanupTimingPrecision } from './manager-cleanup-timing-precision.ts';
import { managerCreationLimitEnforcement } from './manager-creation-limit-enforcement.ts';
import { rapidConnectionCyclesStress } from './rapid-connection-cycles-stress.ts';
import { resourceLeakDetectionComprehensive } from './resource-leak-detection-comprehensive.ts';
import { situations } from './situations.ts';
import { suiteCoverage } from './suite-coverage.ts';
import type { Scenario } from './types.ts';

/** The six scenarios in their fixed order. */
export const catalogue: readonly Scenario[] = [
  managerCreationLimitEnforcement,
  managerCleanupTimingPrecision,
  emergencyCleanupThresholdTrigger,
  rapidConnectionCyclesStress,
  resourceLeakDetectionComprehensive,
  suiteCoverage,
];

/** The six, and the situations of production. */
export const everyScenario: readonly Scenario[] = [...catalogue, ...situations];

/** A scenario by its name or one of its longer names; `-` and `_` are alike, and a leading `test_` is ignored. */
export function findScenario(nameOrAlias: string): Scenario | undefined {
  const wanted = nameOrAlias
    .trim()
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^test-/, '');
  return everyScenario.find((scenario) => scenario.name === wanted || scenario.aliases.includes(wanted));
}
