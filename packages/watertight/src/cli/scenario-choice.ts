import type { Scenario } from '../scenarios/types.ts';
import type { CheckSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

/** Examines our own kit, not the target: it runs only when asked for. */
const OWN_KIT = 'suite-coverage';

/**
 * Whether the matrix of faulty servers is begun beside the scenarios that examine the target. Not where the first violation ends the
 * run, which would be for nothing.
 */
export function beginsMatrixAhead(scenarios: readonly Scenario[], { bail }: Pick<CheckSettings, 'bail'>): boolean {
  return !bail && scenarios.length > 1 && scenarios.some(({ name }) => name === OWN_KIT);
}

/** The scenarios of this run, in catalogue order. */
export function chooseScenarios(
  catalogue: readonly Scenario[],
  settings: Pick<CheckSettings, 'only' | 'coverage'>,
  find: (nameOrAlias: string) => Scenario | undefined,
): readonly Scenario[] {
  const chosen = new Set<string>();
  for (const wanted of settings.only) {
    const scenario = find(wanted);
    if (scenario === undefined) {
      const names = catalogue.map((known) => `  ${known.name}`).join('\n');
      throw new UsageError(`--only is ${JSON.stringify(wanted)}, which is no scenario; known are\n${names}`);
    }
    chosen.add(scenario.name);
  }
  return catalogue.filter((scenario) => {
    if (scenario.name === OWN_KIT && settings.coverage !== undefined) return true;
    return settings.only.length === 0 ? scenario.name !== OWN_KIT : chosen.has(scenario.name);
  });
}
