import type { Scenario } from '../scenarios/types.ts';
import type { CheckSettings } from './settings.ts';
import type { Suite } from './suites.ts';
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

/** The scenarios of this run, in catalogue order, and behind them those of the user's own. */
export function chooseScenarios(
  catalogue: readonly Scenario[],
  settings: Pick<CheckSettings, 'only' | 'coverage'> & Partial<Pick<CheckSettings, 'suite'>>,
  find: (nameOrAlias: string) => Scenario | undefined,
  own: readonly Scenario[] = [],
): readonly Scenario[] {
  const known = [...catalogue, ...own];
  const chosen = new Set(own.map(({ name }) => name));
  for (const wanted of settings.only) {
    const scenario = find(wanted) ?? own.find(({ name }) => name === wanted);
    if (scenario === undefined) {
      const names = known.map(({ name }) => `  ${name}`).join('\n');
      throw new UsageError(`--only is ${JSON.stringify(wanted)}, which is no scenario; known are\n${names}`);
    }
    chosen.add(scenario.name);
  }
  // Whoever names scenarios means these alone.
  const suite = chosen.size > 0 ? settings.suite : (settings.suite ?? 'critical');
  return known.filter((scenario) => {
    if (scenario.name === OWN_KIT) return settings.coverage !== undefined || chosen.has(OWN_KIT);
    return chosen.has(scenario.name) || isOf(scenario, suite);
  });
}

function isOf(scenario: Scenario, suite: Suite | undefined): boolean {
  if (suite === 'all') return true;
  if (suite === 'gentle') return scenario.isGentle ?? false;
  return suite !== undefined && (scenario.suite ?? 'critical') === suite;
}
