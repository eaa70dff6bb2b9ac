import { expect, test } from 'vitest';
import { catalogue, everyScenario, findScenario } from './catalogue.ts';
import { situations } from './situations.ts';

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

test('[PS1] twelve situations of production follow the six, under fixed names in a fixed order', () => {
  expect(situations.map((scenario) => scenario.name)).toEqual([
    'browser-multi-tab',
    'cold-start-burst',
    'reconnect-cycles',
    'identity-mismatch',
    'cleanup-versus-creation',
    'process-restart',
    'deploy-rollover',
    'slow-consumer',
    'upgrade-abort-storm',
    'idle-but-alive',
    'statistics-polling',
    'soak',
  ]);
  expect(everyScenario).toEqual([...catalogue, ...situations]);
  for (const scenario of situations) expect(findScenario(scenario.name.toUpperCase())).toBe(scenario);
});

test('[PS1] every step of a situation has an id of its own, with one short name for each situation', () => {
  const ids = everyScenario.flatMap((scenario) => scenario.steps.map((step) => step.id));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z]+\/[a-z0-9]+(-[a-z0-9]+)+$/);
  for (const { steps } of situations) expect(new Set(steps.map((step) => step.id.split('/')[0])).size).toBe(1);
});
