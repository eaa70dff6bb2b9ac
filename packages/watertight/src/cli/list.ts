import type { Scenario } from '../scenarios/types.ts';

/** The scenarios, their longer names and their steps. */
export function renderList(catalogue: readonly Scenario[]): string {
  const entries = catalogue.map((scenario) => {
    const also = scenario.aliases.length === 0 ? '' : `\n  also: ${scenario.aliases.join(', ')}`;
    const steps = scenario.steps.map((step) => `    ${step.id}\n      ${step.title}`).join('\n');
    const suite =
      scenario.suite === 'production' ? '\n  suite: production (--suite production, or --only this one)' : '';
    return `${scenario.name}\n  ${scenario.purpose}${also}${suite}\n  steps:\n${steps}`;
  });
  return `${entries.join('\n\n')}\n`;
}
