import { describe, expect, test } from 'vitest';
import { faults, HEALTHY } from '../../faulty/faults.ts';
import { buildMatrix, judgeMatrix } from './matrix.ts';
import { GREEN_ON_TARGET, type CellOutcome } from './matrix-run.ts';
import { managerCleanupTimingPrecision } from '../manager-cleanup-timing-precision.ts';
import { rapidConnectionCyclesStress } from '../rapid-connection-cycles-stress.ts';
import { resourceLeakDetectionComprehensive } from '../resource-leak-detection-comprehensive.ts';
import { COVERAGE_MODES, type CoverageMode, type Scenario } from '../types.ts';
import { type Cell, cellsOnTarget, examined, expectedScenario, faultsOf, planCells, planHouses } from './plan.ts';

const names = examined.map((scenario) => scenario.name);

/** What a suite that sees everything would report. */
function allCaught(): CellOutcome[] {
  return planCells('quick').map(({ specimen, scenario }) => {
    const outcome = faults.find((fault) => fault.id === specimen)?.caughtBy[0] ?? 'green';
    return { specimen, scenario: scenario.name, outcome, note: '' };
  });
}

const keyOf = ({ specimen, scenario }: Cell): string => `${specimen} ${scenario.name}`;

function judge(outcomes: readonly CellOutcome[]): ReturnType<typeof judgeMatrix> {
  return judgeMatrix(buildMatrix(names, faultsOf('quick'), outcomes), faultsOf('quick'));
}

function withOutcome(specimen: string, outcome: string): CellOutcome[] {
  return allCaught().map((each) => (each.specimen === specimen ? { ...each, outcome } : each));
}

describe('the matrix', () => {
  test('[F6] is convicted of nothing when every fault is caught by its step and the healthy one is green', () => {
    expect(judge(allCaught())).toEqual({ healthyRed: [], uncaught: [], misnamed: [], undecided: [] });
  });

  test('[F6] of the healthy one what the target shows in its place counts as green', () => {
    expect(judge(withOutcome(HEALTHY, GREEN_ON_TARGET))).toEqual(judge(allCaught()));
  });

  test('[F6] a fault whose only cell is green is not caught', () => {
    expect(judge(withOutcome('D-01', 'green'))).toMatchObject({ uncaught: ['D-01'], undecided: [] });
  });

  test.each(['inconclusive', 'not run'])('[F6] a fault whose only cell is %s is undecided', (outcome) => {
    expect(judge(withOutcome('D-01', outcome))).toMatchObject({ uncaught: [], undecided: ['D-01'] });
  });

  test('[F6] a fault caught by another step than those named for it is misnamed', () => {
    const findings = judge(withOutcome('D-01', 'limit/the-21st-is-refused'));
    expect(findings).toMatchObject({ uncaught: [], misnamed: ['D-01'] });
  });

  test('[F6] a red step of the healthy one is named, and one that could not be decided does not count as green', () => {
    const red = withOutcome(HEALTHY, 'cycles/no-socket-is-left');
    expect(judge(red).healthyRed).toHaveLength(examined.length);
    expect(judge(withOutcome(HEALTHY, 'inconclusive')).undecided).toEqual([HEALTHY]);
    expect(judge(allCaught().filter((each) => each.specimen !== HEALTHY)).undecided).toEqual([HEALTHY]);
  });
});

describe('the catalogue of faults', () => {
  test('[F3] has the defects that are named as proof, and at least two more', () => {
    const ids = faults.map((fault) => fault.id);
    const proof = ['01', '02', '04', '06', '12', '22', '23', '24', '28', '34', '35', '36', '39', '40'];
    expect(ids).toEqual(expect.arrayContaining(proof.map((number) => `D-${number}`)));
    expect(ids.filter((id) => id.startsWith('W-')).length).toBeGreaterThanOrEqual(2);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('[F3] each fault says what is wrong in one sentence and names steps that exist', () => {
    const steps = new Set(examined.flatMap((scenario) => scenario.steps.map((step) => step.id)));
    for (const fault of faults) {
      expect(fault.wrong).toMatch(/^[A-Z][^.]*(\d\.\d[^.]*)*\.$/);
      expect(fault.caughtBy.filter((id) => !steps.has(id))).toEqual([]);
    }
  });
});

describe('the plan', () => {
  test('[F5] quick puts each fault before the scenario whose step is named first, and the healthy one before all', () => {
    const cells = planCells('quick');
    const quick = faultsOf('quick');
    expect(quick.filter(({ id }) => id.startsWith('D-'))).toEqual(faults.filter(({ id }) => id.startsWith('D-')));
    expect(quick.filter(({ id }) => id.startsWith('W-'))).toHaveLength(2);
    expect(cells).toHaveLength(quick.length + examined.length);
    for (const fault of quick) {
      expect(cells.filter((cell) => cell.specimen === fault.id).map((cell) => cell.scenario)).toEqual([
        expectedScenario(fault),
      ]);
    }
  });

  test('[F5] beside a check the target stands in for the healthy one where that needs a process of its own, and nowhere else', () => {
    const left = cellsOnTarget('quick', names);
    expect(left.map(({ scenario }) => scenario)).toEqual([
      managerCleanupTimingPrecision,
      rapidConnectionCyclesStress,
      resourceLeakDetectionComprehensive,
    ]);
    expect(new Set([...planCells('quick', names), ...left].map(keyOf))).toEqual(new Set(planCells('quick').map(keyOf)));
    expect(planCells('quick', names)).toHaveLength(planCells('quick').length - left.length);
    expect(cellsOnTarget('quick', [])).toEqual([]);
    expect([cellsOnTarget('each', names), planCells('full', names)]).toEqual([[], planCells('full')]);
  });

  test('[F5] classic puts what quick tries before all scenarios, and each every fault before one', () => {
    const scenariosIn = (mode: CoverageMode, id: string): readonly Scenario[] =>
      planCells(mode)
        .filter(({ specimen }) => specimen === id)
        .map(({ scenario }) => scenario);
    expect(faultsOf('classic')).toEqual(faultsOf('quick'));
    for (const { id } of faultsOf('quick')) expect(scenariosIn('classic', id)).toEqual(examined);
    for (const fault of faults) expect(scenariosIn('each', fault.id)).toEqual([expectedScenario(fault)]);
    for (const mode of ['classic', 'each'] as const) expect(scenariosIn(mode, HEALTHY)).toEqual(examined);
  });

  test('[F5] full puts everybody before everything', () => {
    const cells = planCells('full').map((cell) => `${cell.specimen} ${cell.scenario.name}`);
    expect(new Set(cells).size).toBe((faults.length + 1) * examined.length);
  });
});

describe('who shares a process', () => {
  test.each(COVERAGE_MODES)('[F5] %s runs every cell in one house, and a house has one scenario', (mode) => {
    const cells = planCells(mode);
    const houses = planHouses(cells, mode);
    expect(new Set(houses.flat())).toEqual(new Set(cells));
    expect(houses.flat()).toHaveLength(cells.length);
    for (const house of houses) expect(new Set(house.map(({ scenario }) => scenario)).size).toBe(1);
  });

  test.each(['quick', 'classic', 'each', 'full'] as const)(
    '[F2, F5] in %s the healthy one has a process of its own where sockets are looked for in it',
    (mode) => {
      const houses = planHouses(planCells(mode), mode);
      const own = houses.filter((house) => house.some(({ specimen }) => specimen === HEALTHY) && house.length === 1);
      expect(own.flatMap((house) => house.map(({ scenario }) => scenario))).toContain(managerCleanupTimingPrecision);
    },
  );
});
