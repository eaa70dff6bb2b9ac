import { GREEN_ON_TARGET, type CellOutcome } from './matrix-run.ts';
import type { Fault } from '../../faulty/fault.ts';
import { HEALTHY } from '../../faulty/faults.ts';
import type { CoverageMatrix, CoverageRow } from '../../verdict/types.ts';

/** What a matrix is convicted of; a matrix without findings proves the suite. */
export interface CoverageFindings {
  /** Steps of the healthy specimen that turned red. */
  readonly healthyRed: readonly string[];
  /** Faults no scenario saw, and every scenario that met them was sure. */
  readonly uncaught: readonly string[];
  /** Faults that were seen, and by none of the steps named for them. */
  readonly misnamed: readonly string[];
  /** Specimens of which a scenario could not decide what to say, and no other said it. */
  readonly undecided: readonly string[];
}

const NO_RED: ReadonlySet<string> = new Set(['green', GREEN_ON_TARGET, 'inconclusive', 'not run']);

/** Rows in the order of the catalogue, the healthy one first; a cell nobody ran is `not run`. */
export function buildMatrix(
  scenarios: readonly string[],
  faults: readonly Fault[],
  outcomes: readonly CellOutcome[],
): CoverageMatrix {
  const row = (fault: string, title: string): CoverageRow => {
    const cells = scenarios.map(
      (scenario) =>
        outcomes.find((each) => each.specimen === fault && each.scenario === scenario)?.outcome ?? 'not run',
    );
    return { fault, title, cells, caught: cells.some((cell) => !NO_RED.has(cell)) };
  };
  return {
    scenarios,
    rows: [row(HEALTHY, 'no fault'), ...faults.map((fault) => row(fault.id, fault.title))],
  };
}

export function judgeMatrix(matrix: CoverageMatrix, faults: readonly Fault[]): CoverageFindings {
  const rowOf = (id: string): CoverageRow | undefined => matrix.rows.find((row) => row.fault === id);
  const healthy = rowOf(HEALTHY)?.cells ?? [];
  const isUnclear = (id: string): boolean => {
    const cells = rowOf(id)?.cells ?? [];
    return cells.includes('inconclusive') || cells.every((cell) => cell === 'not run');
  };
  const seen = faults.filter((fault) => rowOf(fault.id)?.caught === true);
  const unseen = faults.filter((fault) => !seen.includes(fault)).map((fault) => fault.id);
  const isHealthyUnclear = isUnclear(HEALTHY) || healthy.includes('not run');
  return {
    healthyRed: healthy.filter((cell) => !NO_RED.has(cell)),
    uncaught: unseen.filter((id) => !isUnclear(id)),
    misnamed: seen
      .filter((fault) => !rowOf(fault.id)?.cells.some((cell) => fault.caughtBy.includes(cell)))
      .map((fault) => fault.id),
    undecided: [...(isHealthyUnclear ? [HEALTHY] : []), ...unseen.filter(isUnclear)],
  };
}
