import { HEALTHY } from '../faulty/faults.ts';
import { buildMatrix, judgeMatrix } from './coverage/matrix.ts';
import { GREEN_ON_TARGET, type CellOutcome, type MatrixResult } from './coverage/matrix-run.ts';
import { outcomeOf } from './coverage/outcome-of.ts';
import { type Cell, cellsOnTarget, examinedIn, faultsOf, planCells } from './coverage/plan.ts';
import { runCells } from './coverage/run-cells.ts';
import { inOnePlay } from './steps.ts';
import type { CoverageMode, Scenario, ScenarioContext, StepDefinition } from './types.ts';

/** The most that one scenario opens against one specimen, rounded up. */
const SOCKETS_PER_CELL = 130;
/** About, on two cores. */
const SECONDS: Readonly<Record<CoverageMode, number>> = { quick: 8, classic: 45, each: 25, full: 120, production: 30 };

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
    const mode = context.coverageMode ?? 'quick';
    return { sockets: planCells(mode).length * SOCKETS_PER_CELL, seconds: SECONDS[mode] };
  },
  async run(context) {
    await inOnePlay(context, STEPS, async (steps) => {
      const mode = context.coverageMode ?? 'quick';
      const faults = faultsOf(mode);
      const scenarios = examinedIn(mode);
      const { signal, progress, tracker } = context;
      const run = await (context.matrix?.result(progress) ?? runCells(mode, signal, progress));
      const { outcomes, ...figures } = await withTarget(run, context, mode);
      signal.throwIfAborted();
      tracker.figure('specimens run', figures.specimenCount);
      tracker.figure('cells repeated', figures.repeatedCount);
      tracker.figure('sockets opened', figures.socketsOpened);
      const matrix = buildMatrix(
        scenarios.map((scenario) => scenario.name),
        faults,
        outcomes,
      );
      tracker.coverage(matrix);
      const findings = judgeMatrix(matrix, faults);
      await steps.check('coverage/the-healthy-one-stays-green', () => {
        if (findings.healthyRed.length === 0 && findings.undecided.includes(HEALTHY))
          throw new Error(noteOf(outcomes, HEALTHY));
        return {
          ok: findings.healthyRed.length === 0,
          message: `the healthy specimen was convicted by ${findings.healthyRed.join(', ')}: ${noteOf(outcomes, HEALTHY)}`,
          type: 'healthy-convicted',
          severity: 'critical',
          figures: { scenarios: scenarios.length, red: findings.healthyRed.length },
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

/** The target stands in for the healthy specimen where it showed as much; else that is examined now. */
async function withTarget(run: MatrixResult, context: ScenarioContext, mode: CoverageMode): Promise<MatrixResult> {
  const left = cellsOnTarget(mode, context.matrix?.onTarget ?? []);
  const isShown = ({ scenario }: Cell): boolean => {
    const result = context.resultOf?.(scenario.name);
    return result !== undefined && outcomeOf(result).outcome === 'green';
  };
  const shown = left.filter(isShown).map(({ specimen, scenario }) => ({
    specimen,
    scenario: scenario.name,
    outcome: GREEN_ON_TARGET,
    note: '',
  }));
  const others = left.filter((cell) => !isShown(cell));
  const more = others.length === 0 ? undefined : await runCells(mode, context.signal, context.progress, others);
  return {
    outcomes: [...run.outcomes, ...shown, ...(more?.outcomes ?? [])],
    specimenCount: run.specimenCount + (more?.specimenCount ?? 0),
    repeatedCount: run.repeatedCount + (more?.repeatedCount ?? 0),
    socketsOpened: run.socketsOpened + (more?.socketsOpened ?? 0),
  };
}

function explain(ids: readonly string[], outcomes: readonly CellOutcome[]): string {
  return ids.map((id) => `${id} (${noteOf(outcomes, id) || 'all green'})`).join('; ');
}

function noteOf(outcomes: readonly CellOutcome[], id: string): string {
  return outcomes
    .filter(({ specimen, outcome }) => specimen === id && outcome !== 'green' && outcome !== GREEN_ON_TARGET)
    .map((each) => `${each.outcome}: ${each.note}`)
    .join(', ');
}
