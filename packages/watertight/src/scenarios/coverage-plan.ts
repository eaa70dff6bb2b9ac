import type { Fault } from '../faulty/fault.ts';
import { faults, HEALTHY } from '../faulty/faults.ts';
import { emergencyCleanupThresholdTrigger } from './emergency-cleanup-threshold-trigger.ts';
import { managerCleanupTimingPrecision } from './manager-cleanup-timing-precision.ts';
import { managerCreationLimitEnforcement } from './manager-creation-limit-enforcement.ts';
import { rapidConnectionCyclesStress } from './rapid-connection-cycles-stress.ts';
import { resourceLeakDetectionComprehensive } from './resource-leak-detection-comprehensive.ts';
import type { Scenario } from './types.ts';

export type CoverageMode = 'quick' | 'full';

/** One specimen under one scenario. */
export interface Cell {
  /** `healthy` or a fault's id. */
  readonly specimen: string;
  readonly scenario: Scenario;
}

/** The scenarios that are put to the proof, in the order of the matrix. */
export const examined: readonly Scenario[] = [
  managerCreationLimitEnforcement,
  managerCleanupTimingPrecision,
  emergencyCleanupThresholdTrigger,
  rapidConnectionCyclesStress,
  resourceLeakDetectionComprehensive,
];

/**
 * What is run. `quick` puts each fault only before the scenario that is expected to see it; the healthy
 * specimen faces all of them in both modes.
 */
export function planCells(mode: CoverageMode): readonly Cell[] {
  const healthy = examined.map((scenario) => ({ specimen: HEALTHY, scenario }));
  const faulty = faults.flatMap((fault) =>
    (mode === 'full' ? examined : [expectedScenario(fault)]).map((scenario) => ({ specimen: fault.id, scenario })),
  );
  return [...healthy, ...faulty];
}

/** The scenario of the first step that is named for a fault. Throws when no scenario has that step. */
export function expectedScenario(fault: Fault): Scenario {
  const [first] = fault.caughtBy;
  const scenario = examined.find((each) => each.steps.some((step) => step.id === first));
  if (scenario === undefined) throw new RangeError(`${fault.id} expects the step ${first}, which no scenario has`);
  return scenario;
}

/** Whether a scenario mostly works the processor; the others mostly wait for silence and deadlines. */
export function isWork({ scenario }: Cell): boolean {
  return scenario === rapidConnectionCyclesStress || scenario === managerCreationLimitEnforcement;
}
