import { expect, test } from 'vitest';
import { catalogue, findScenario } from './catalogue.ts';

test('[N1] the catalogue holds the six scenarios in their fixed order', () => {
  expect(catalogue.map((scenario) => scenario.name)).toEqual([
    'manager-creation-limit-enforcement',
    'manager-cleanup-timing-precision',
    'emergency-cleanup-threshold-trigger',
    'rapid-connection-cycles-stress',
    'resource-leak-detection-comprehensive',
    'suite-coverage',
  ]);
});

test('[N1] a scenario is found by its name, by a longer name, and by the name of a test function', () => {
  for (const scenario of catalogue) {
    for (const name of [
      scenario.name,
      ...scenario.aliases,
      `test_${scenario.name.replaceAll('-', '_')}`,
      ` ${scenario.name.toUpperCase()} `,
    ]) {
      expect(findScenario(name)).toBe(scenario);
    }
  }
  expect(findScenario('manager-creation')).toBeUndefined();
});

test('[N2] every step has an id of its own: a short name of the scenario and a sentence in kebab case', () => {
  const ids = catalogue.flatMap((scenario) => scenario.steps.map((step) => step.id));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z]+\/[a-z0-9]+(-[a-z0-9]+)+$/);
  for (const { steps } of catalogue) expect(new Set(steps.map((step) => step.id.split('/')[0])).size).toBe(1);
});
