import { availableParallelism } from 'node:os';
import type { Fault } from '../../faulty/fault.ts';
import { HEALTHY } from '../../faulty/faults.ts';
import type { ProgressLine } from '../progress-line.ts';
import type { CoverageMode } from '../types.ts';
import { runHouse } from './cell.ts';
import type { CellOutcome, MatrixResult } from './matrix-run.ts';
import { type Cell, faultsOf, type House, planCells, planHouses } from './plan.ts';

/** Houses that run beside each other. They mostly wait for silence and deadlines; too many, and they wait for each other. */
const HOUSES_AT_ONCE: number = 2 * Math.min(4, availableParallelism());

/** How often a cell that proves nothing yet is looked at again: a busy machine may spoil the first looks. */
const REPEATS = 3;

/** Runs cells, by default all of the mode, a few houses at a time; what proves nothing yet is run again, alone. */
export async function runCells(
  mode: CoverageMode,
  signal: AbortSignal,
  progress: (line: ProgressLine) => void,
  cells: readonly Cell[] = planCells(mode),
): Promise<MatrixResult> {
  const faults = faultsOf(mode);
  const outcomes = new Map<Cell, CellOutcome>();
  const endings: Promise<void>[] = [];
  let socketsOpened = 0;
  const run = async (house: House): Promise<void> => {
    const done = await runHouse(house, signal);
    endings.push(done.ended);
    socketsOpened += done.socketsOpened;
    for (const [index, cell] of house.entries()) {
      const outcome = done.outcomes[index];
      if (outcome !== undefined) outcomes.set(cell, outcome);
    }
    const names = house.map(({ specimen }) => specimen).join(', ');
    progress({ step: `${names} × ${house[0]?.scenario.name}`, done: outcomes.size, of: cells.length });
  };
  const queue = [...planHouses(cells, mode)];
  const lane = async (): Promise<void> => {
    for (let house = queue.shift(); house !== undefined && !signal.aborted; house = queue.shift()) await run(house);
  };
  await Promise.all(Array.from({ length: HOUSES_AT_ONCE }, lane));
  let repeated = 0;
  for (let round = 1; round <= REPEATS && !signal.aborted; round += 1) {
    for (const cell of unproven(outcomes, faults)) {
      if (signal.aborted) break;
      await Promise.all(endings);
      await run([cell]);
      repeated += 1;
    }
  }
  await Promise.all(endings);
  const specimenCount = cells.length + repeated;
  return { outcomes: [...outcomes.values()], specimenCount, repeatedCount: repeated, socketsOpened };
}

/**
 * Beside others a specimen is disturbed: what its row does not prove yet is looked at again while nothing else runs, and
 * that look counts. Of the healthy one that is every cell that is not green, of a fault every cell of a row in which no
 * step named for it turned red.
 */
function unproven(outcomes: ReadonlyMap<Cell, CellOutcome>, faults: readonly Fault[]): readonly Cell[] {
  const proven = new Set(
    faults
      .filter((fault) =>
        [...outcomes.values()].some((it) => it.specimen === fault.id && fault.caughtBy.includes(it.outcome)),
      )
      .map((fault) => fault.id),
  );
  return [...outcomes]
    .filter(([{ specimen }, { outcome }]) => (specimen === HEALTHY ? outcome !== 'green' : !proven.has(specimen)))
    .map(([cell]) => cell);
}
