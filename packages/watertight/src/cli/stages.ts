import { suiteCoverage } from '../scenarios/suite-coverage.ts';
import type { Scenario } from '../scenarios/types.ts';

/** Scenarios that run side by side. */
export type Turn = readonly Scenario[];
/** Turns one after another. */
export type Lane = readonly Turn[];
/** Lanes beside each other; stages come one after another. */
export type Stage = readonly Lane[];

/**
 * Who runs beside whom. Situations mostly wait; those that look only at their own users wait together, and those with processes of
 * their own beside all others. Whoever counts what the whole target holds has it alone, and so has everybody when `isAlone`.
 */
export function planStages(
  scenarios: readonly Scenario[],
  { isAlone }: { readonly isAlone: boolean },
): readonly Stage[] {
  const stages: Stage[] = [];
  let block: Scenario[] = [];
  const endBlock = (): void => {
    if (block.length > 0) stages.push(stageOf(block));
    block = [];
  };
  for (const scenario of inOrder(scenarios)) {
    if (!isAlone && scenario.suite === 'production') block.push(scenario);
    else {
      endBlock();
      stages.push([[[scenario]]]);
    }
  }
  endBlock();
  return stages;
}

/** Beside the fault matrix whoever needs the processor comes after those that mostly wait: by then the matrix needs less of it. */
function inOrder(scenarios: readonly Scenario[]): readonly Scenario[] {
  const beside = scenarios.slice(0, Math.max(0, scenarios.indexOf(suiteCoverage)));
  const busy = beside.filter(({ isBusy }) => isBusy === true);
  return [...beside.filter((one) => !busy.includes(one)), ...busy, ...scenarios.slice(beside.length)];
}

function stageOf(block: readonly Scenario[]): Stage {
  const looking = (at: Scenario['looksAt']): Scenario[] => block.filter(({ looksAt = 'target' }) => looksAt === at);
  const alone = (scenario: Scenario): Turn => [scenario];
  const lanes: Lane[] = [[looking('users'), ...looking('target').map(alone)], looking('copies').map(alone)];
  return lanes.map((lane) => lane.filter((turn) => turn.length > 0)).filter((lane) => lane.length > 0);
}
