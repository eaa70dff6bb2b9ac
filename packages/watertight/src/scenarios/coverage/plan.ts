import type { Fault } from '../../faulty/fault.ts';
import { faultOf, faults, HEALTHY, productionFaults } from '../../faulty/faults.ts';
import { emergencyCleanupThresholdTrigger } from '../emergency-cleanup-threshold-trigger.ts';
import { managerCleanupTimingPrecision } from '../manager-cleanup-timing-precision.ts';
import { managerCreationLimitEnforcement } from '../manager-creation-limit-enforcement.ts';
import { rapidConnectionCyclesStress } from '../rapid-connection-cycles-stress.ts';
import { resourceLeakDetectionComprehensive } from '../resource-leak-detection-comprehensive.ts';
import { situations } from '../situations.ts';
import { soak } from '../soak.ts';
import type { CoverageMode, Scenario } from '../types.ts';
import { upgradeAbortStorm } from '../upgrade-abort-storm.ts';

/** One specimen under one scenario. */
export interface Cell {
  /** `healthy` or a fault's id. */
  readonly specimen: string;
  readonly scenario: Scenario;
  /**
   * Whether a check runs beside it that proves on its own target what takes long: that a leak which is put in is seen, and that nothing
   * stays of silent peers. Default: no.
   */
  readonly isBesideCheck?: boolean;
}

/** The scenarios that are put to the proof by the quick and the full matrix, in its order. */
export const examined: readonly Scenario[] = [
  managerCreationLimitEnforcement,
  managerCleanupTimingPrecision,
  emergencyCleanupThresholdTrigger,
  rapidConnectionCyclesStress,
  resourceLeakDetectionComprehensive,
];

/** The scenarios that a mode puts to the proof. */
export function examinedIn(mode: CoverageMode): readonly Scenario[] {
  return mode === 'production' ? situations : examined;
}

/** Of the faults of our own, those that the quick mode shows: one about time, one about what is left behind. */
const QUICK_OWN: ReadonlySet<string> = new Set(['W-04', 'W-13']);

/** Every defect of the system this descends from, and two of our own. */
const CLASSIC: readonly Fault[] = faults.filter(({ id }) => id.startsWith('D-') || QUICK_OWN.has(id));

/** `quick` and `classic` try the classic ones; `production` its own; the others try all. */
export function faultsOf(mode: CoverageMode): readonly Fault[] {
  if (mode === 'production') return productionFaults;
  return mode === 'quick' || mode === 'classic' ? CLASSIC : faults;
}

/** Only `classic` and `full` put a fault before scenarios that need not see it. */
function scenariosFor(fault: Fault, mode: CoverageMode): readonly Scenario[] {
  return mode === 'full' || mode === 'classic' ? examined : [expectedScenario(fault)];
}

/** What is run. The healthy specimen faces all scenarios, but for those that are left to the target of a check. */
export function planCells(mode: CoverageMode, onTarget: readonly string[] = []): readonly Cell[] {
  const healthy = healthyCells(mode).filter((cell) => !isLeftToTarget(cell, mode, onTarget));
  const faulty = faultsOf(mode).flatMap((fault) =>
    scenariosFor(fault, mode).map((scenario) => ({ specimen: fault.id, scenario })),
  );
  return [...healthy, ...faulty];
}

/**
 * Of the scenarios that a check puts its target to, those for which the healthy specimen would need a process of its own: a target in
 * which nothing was hidden and nothing wrong shows as much. Only beside a check, where somebody waits.
 */
export function cellsOnTarget(mode: CoverageMode, onTarget: readonly string[]): readonly Cell[] {
  return healthyCells(mode).filter((cell) => isLeftToTarget(cell, mode, onTarget));
}

function isLeftToTarget(cell: Cell, mode: CoverageMode, onTarget: readonly string[]): boolean {
  return mode === 'quick' && onTarget.includes(cell.scenario.name) && needsItsOwn(cell, mode);
}

function healthyCells(mode: CoverageMode): readonly Cell[] {
  return examinedIn(mode).map((scenario) => ({ specimen: HEALTHY, scenario, isBesideCheck: mode === 'quick' }));
}

/** The scenario of the first step that is named for a fault. Throws when no scenario has that step. */
export function expectedScenario(fault: Fault): Scenario {
  const [first] = fault.caughtBy;
  const scenario = [...examined, ...situations].find((each) => each.steps.some((step) => step.id === first));
  if (scenario === undefined) throw new RangeError(`${fault.id} expects the step ${first}, which no scenario has`);
  return scenario;
}

/** Cells whose specimens live in one process. */
export type House = readonly Cell[];

/**
 * Those that need the processor go first. Of many they would fight for it at the end; of a few they are done when the check beside them
 * comes to where it needs it. Then come those that wait longest for what has to happen by itself.
 */
const ORDER: Readonly<Record<CoverageMode, readonly Scenario[]>> = {
  quick: [
    rapidConnectionCyclesStress,
    emergencyCleanupThresholdTrigger,
    managerCleanupTimingPrecision,
    resourceLeakDetectionComprehensive,
    managerCreationLimitEnforcement,
  ],
  classic: examined.toReversed(),
  each: examined.toReversed(),
  full: examined.toReversed(),
  production: situations.toReversed(),
};

/**
 * So many specimens share a process: each start of Node that is saved is a fifth of a second of processor time. Eight hold each
 * other up on a busy machine, and what is disturbed is run again, which costs more.
 */
const CELLS_PER_HOUSE = 4;

/**
 * Who shares a process. Scenarios that look at what the whole process holds (handles, sockets, instances) need one of their
 * own; the others look at one factory and its sockets. Of one house all have the same scenario.
 */
export function planHouses(cells: readonly Cell[], mode: CoverageMode): readonly House[] {
  return ORDER[mode].flatMap((scenario) => {
    const ofScenario = cells.filter((cell) => cell.scenario === scenario);
    const alone = ofScenario.filter((cell) => needsItsOwn(cell, mode));
    const together = ofScenario.filter((cell) => !alone.includes(cell));
    return [
      ...alone.map((cell) => [cell]),
      ...Array.from({ length: Math.ceil(together.length / CELLS_PER_HOUSE) }, (_, index) =>
        together.slice(index * CELLS_PER_HOUSE, (index + 1) * CELLS_PER_HOUSE),
      ),
    ];
  });
}

/** Steps about time that look for sockets in the process. */
const SOCKETS_LOOKED_FOR: ReadonlySet<string> = new Set([
  'timing/after-an-rst-the-socket-is-gone',
  'timing/after-an-abort-in-upgrade-nothing-is-held',
]);

function needsItsOwn({ scenario, specimen }: Cell, mode: CoverageMode): boolean {
  if (scenario.suite === 'production') return scenario === soak || scenario === upgradeAbortStorm;
  if (scenario === managerCleanupTimingPrecision) {
    const fault = faultOf(specimen);
    return fault === undefined || scenariosFor(fault, mode).length > 1 || SOCKETS_LOOKED_FOR.has(fault.caughtBy[0]);
  }
  return scenario !== managerCreationLimitEnforcement && scenario !== emergencyCleanupThresholdTrigger;
}
