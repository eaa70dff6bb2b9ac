import { availableParallelism } from 'node:os';
import type { Fault } from '../faulty/fault.ts';
import { HEALTHY } from '../faulty/faults.ts';
import { runHouse } from './coverage/cell.ts';
import { buildMatrix, judgeMatrix } from './coverage/matrix.ts';
import type { CellOutcome } from './coverage/matrix.ts';
import { examined, faultsOf, planCells, planHouses } from './coverage/plan.ts';
import type { Cell, House } from './coverage/plan.ts';
import { inSteps } from './steps.ts';
import type { Scenario, ScenarioContext, StepDefinition } from './types.ts';

/** Houses that run beside each other. They mostly wait for silence and deadlines; too many, and they wait for each other. */
const HOUSES_AT_ONCE: number = 3 * Math.min(4, availableParallelism());

/** How often a cell that proves nothing yet is looked at again: a busy machine may spoil the first looks. */
const REPEATS = 3;

/** The most that one scenario opens against one specimen, rounded up. */
const SOCKETS_PER_CELL = 130;

const STEPS: readonly StepDefinition[] = [
  {
    id: 'coverage/the-healthy-one-stays-green',
    title: 'The healthy specimen keeps every promise: no scenario convicts it',
  },
  { id: 'coverage/every-fault-is-caught', title: 'Every faulty specimen is convicted by at least one scenario' },
  {
    id: 'coverage/each-by-the-step-named-for-it',
    title: 'Every faulty specimen is convicted by a step that the catalogue names for its fault',
  },
];

/** Puts the suite itself to the proof, on servers of its own that are faulty on purpose. */
export const suiteCoverage: Scenario = {
  name: 'suite-coverage',
  aliases: ['websocket-test-suite-coverage', 'suite-coverage-validation'],
  purpose: 'The suite sees what it is there to see: each faulty server turns a step red, the healthy one none.',
  steps: STEPS,
  estimate(context) {
    const cells = planCells(context.coverageMode ?? 'quick');
    return { sockets: cells.length * SOCKETS_PER_CELL, seconds: context.coverageMode === 'full' ? 90 : 8 };
  },
  async run(context) {
    await inSteps(context, STEPS, async (steps) => {
      const mode = context.coverageMode ?? 'quick';
      const faults = faultsOf(mode);
      const outcomes = await runCells(context, planCells(mode), faults);
      context.signal.throwIfAborted();
      const matrix = buildMatrix(
        examined.map((scenario) => scenario.name),
        faults,
        outcomes,
      );
      context.tracker.coverage(matrix);
      const findings = judgeMatrix(matrix, faults);
      await steps.check('coverage/the-healthy-one-stays-green', () => {
        if (findings.healthyRed.length === 0 && findings.undecided.includes(HEALTHY))
          throw new Error(noteOf(outcomes, HEALTHY));
        return {
          ok: findings.healthyRed.length === 0,
          message: `the healthy specimen was convicted by ${findings.healthyRed.join(', ')}: ${noteOf(outcomes, HEALTHY)}`,
          type: 'healthy-convicted',
          severity: 'critical',
          figures: { scenarios: examined.length, red: findings.healthyRed.length },
        };
      });
      const unclear = findings.undecided.filter((id) => id !== HEALTHY);
      await steps.check('coverage/every-fault-is-caught', () => {
        if (findings.uncaught.length === 0 && unclear.length > 0) throw new Error(explain(unclear, outcomes));
        return {
          ok: findings.uncaught.length === 0,
          message: `${findings.uncaught.length} of ${faults.length} faults were caught by no scenario: ${explain(findings.uncaught, outcomes)}`,
          type: 'fault-not-caught',
          severity: 'critical',
          figures: { faults: faults.length, caught: faults.length - findings.uncaught.length },
        };
      });
      await steps.check('coverage/each-by-the-step-named-for-it', () => ({
        ok: findings.misnamed.length === 0,
        message: `${findings.misnamed.length} faults were caught, but by none of the steps named for them: ${explain(findings.misnamed, outcomes)}`,
        type: 'fault-not-caught',
        figures: { faults: faults.length, misnamed: findings.misnamed.length },
      }));
    });
  },
};

/** Runs all cells, a few houses at a time; what proves nothing yet is run again, alone. */
async function runCells(
  context: ScenarioContext,
  cells: readonly Cell[],
  faults: readonly Fault[],
): Promise<readonly CellOutcome[]> {
  const outcomes = new Map<Cell, CellOutcome>();
  const endings: Promise<void>[] = [];
  let socketsOpened = 0;
  const run = async (house: House): Promise<void> => {
    const done = await runHouse(house, context.signal);
    endings.push(done.ended);
    socketsOpened += done.socketsOpened;
    for (const [index, cell] of house.entries()) {
      const outcome = done.outcomes[index];
      if (outcome !== undefined) outcomes.set(cell, outcome);
    }
    const names = house.map(({ specimen }) => specimen).join(', ');
    context.progress({ step: `${names} × ${house[0]?.scenario.name}`, done: outcomes.size, of: cells.length });
  };
  const queue = [...planHouses(cells, context.coverageMode ?? 'quick')];
  const lane = async (): Promise<void> => {
    for (let house = queue.shift(); house !== undefined && !context.signal.aborted; house = queue.shift())
      await run(house);
  };
  await Promise.all(Array.from({ length: HOUSES_AT_ONCE }, lane));
  let repeated = 0;
  for (let round = 1; round <= REPEATS && !context.signal.aborted; round += 1) {
    for (const cell of unproven(outcomes, faults)) {
      if (context.signal.aborted) break;
      await Promise.all(endings);
      await run([cell]);
      repeated += 1;
    }
  }
  await Promise.all(endings);
  context.tracker.figure('specimens run', cells.length + repeated);
  context.tracker.figure('cells repeated', repeated);
  context.tracker.figure('sockets opened', socketsOpened);
  return [...outcomes.values()];
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

function explain(ids: readonly string[], outcomes: readonly CellOutcome[]): string {
  return ids.map((id) => `${id} (${noteOf(outcomes, id) || 'all green'})`).join('; ');
}

function noteOf(outcomes: readonly CellOutcome[], id: string): string {
  return outcomes
    .filter((each) => each.specimen === id && each.outcome !== 'green')
    .map((each) => `${each.outcome}: ${each.note}`)
    .join(', ');
}
