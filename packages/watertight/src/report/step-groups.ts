import type { CheckResult, ScenarioResult, StepResult } from '../verdict/types.ts';

/** Steps of one scenario that were not looked at for the same reason. */
export interface StepGroup {
  readonly scenario: string;
  readonly status: StepResult['status'];
  readonly note: string;
  readonly ids: readonly string[];
}

/** Everything that neither held nor broke, so that nothing is passed over in silence. */
export function groupUnseenSteps(result: Pick<CheckResult, 'scenarios'>): StepGroup[] {
  const groups = new Map<string, StepGroup & { readonly ids: string[] }>();
  for (const scenario of result.scenarios) {
    for (const { id, status, note = '' } of scenario.steps) {
      if (status === 'held' || status === 'broken') continue;
      const key = JSON.stringify([scenario.name, status, note]);
      const group = groups.get(key) ?? { scenario: scenario.name, status, note, ids: [] };
      group.ids.push(id);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

/** `9 of 11 steps held, 2 not visible`. */
export function summarizeSteps(scenario: ScenarioResult): string {
  const count = (status: StepResult['status']): number =>
    scenario.steps.filter((step) => step.status === status).length;
  const rest = (['broken', 'inconclusive', 'not run', 'not promised', 'not visible'] as const)
    .map((status) => (count(status) === 0 ? '' : `, ${count(status)} ${status}`))
    .join('');
  return `${count('held')} of ${scenario.steps.length} steps held${rest}`;
}
