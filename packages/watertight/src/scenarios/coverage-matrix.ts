import type { Fault } from '../faulty/fault.ts';
import { HEALTHY } from '../faulty/faults.ts';
import type { CoverageMatrix, CoverageRow } from '../verdict/types.ts';

/** What one specimen came to under one scenario. */
export interface CellOutcome {
  readonly specimen: string;
  readonly scenario: string;
  /** The first step that turned red, else `green`, else `inconclusive`. */
  readonly outcome: string;
  /** Why, unless green. */
  readonly note: string;
}

/** What a matrix is convicted of; a matrix without findings proves the suite. */
export interface CoverageFindings {
  /** Steps of the healthy specimen that turned red. */
  readonly healthyRed: readonly string[];
  /** Faults no scenario saw. */
  readonly uncaught: readonly string[];
  /** Faults that were seen, and by none of the steps named for them. */
  readonly misnamed: readonly string[];
  /** Scenarios that could not decide on the healthy specimen, or never met it. */
  readonly undecided: readonly string[];
}

const NO_RED = new Set(['green', 'inconclusive', 'not run']);

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
  const cells = rowOf(HEALTHY)?.cells ?? [];
  const seen = faults.filter((fault) => rowOf(fault.id)?.caught === true);
  return {
    healthyRed: cells.filter((cell) => !NO_RED.has(cell)),
    uncaught: faults.filter((fault) => !seen.includes(fault)).map((fault) => fault.id),
    misnamed: seen
      .filter((fault) => !rowOf(fault.id)?.cells.some((cell) => fault.caughtBy.includes(cell)))
      .map((fault) => fault.id),
    undecided: matrix.scenarios.filter(
      (_scenario, index) => cells[index] === undefined || ['inconclusive', 'not run'].includes(cells[index]),
    ),
  };
}
