import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { importDefault } from '../drive/recipes/module.ts';
import { asScenario } from '../scenarios/as-scenario.ts';
import type { ScenarioDefinition } from '../scenarios/define-scenario.ts';
import type { Scenario } from '../scenarios/types.ts';
import { UsageError } from './usage-error.ts';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const STEP_ID = /^[a-z][a-z0-9]*\/[a-z0-9]+(-[a-z0-9]+)*$/;
const MOST_SOCKETS = 100_000;

/**
 * Loads the scenarios that `--scenario` names.
 *
 * @throws {@link UsageError} for a file that is not there, cannot be loaded, or whose default export is no scenario.
 */
export async function loadOwnScenarios(
  files: readonly string[],
  folder: string,
  known: readonly Scenario[],
): Promise<readonly Scenario[]> {
  const own: Scenario[] = [];
  for (const file of files) {
    const path = resolve(folder, file);
    if (!existsSync(path)) throw new UsageError(`--scenario: ${path} does not exist`);
    const exported = await importDefault(path).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      throw new UsageError(`--scenario: ${path} cannot be loaded: ${message}`, { cause: error });
    });
    const problems = problemsOf(exported);
    if (problems.length > 0) throw new UsageError(`--scenario: ${path} is no scenario: ${problems.join('; ')}`);
    const scenario = asScenario(exported as ScenarioDefinition);
    if ([...known, ...own].some(({ name }) => name === scenario.name))
      throw new UsageError(`--scenario: ${path} is called ${scenario.name}, as another scenario is already`);
    own.push(scenario);
  }
  return own;
}

function problemsOf(exported: unknown): string[] {
  if (typeof exported !== 'object' || exported === null) return ['it has no object as its default export'];
  const { name, purpose, steps, maxSockets, maxSeconds, run }: Readonly<Record<string, unknown>> = { ...exported };
  const problems: string[] = [];
  if (typeof name !== 'string' || !NAME.test(name))
    problems.push(`name is ${JSON.stringify(name)}; expected kebab case, such as "two-devices"`);
  if (typeof purpose !== 'string' || purpose === '') problems.push('purpose is no sentence');
  if (typeof run !== 'function') problems.push('run is no function');
  if (!Array.isArray(steps) || steps.length === 0) problems.push('steps is no list of { id, title }');
  for (const step of Array.isArray(steps) ? (steps as readonly unknown[]) : []) {
    const { id, title }: Readonly<Record<string, unknown>> = typeof step === 'object' ? { ...step } : {};
    if (typeof id !== 'string' || !STEP_ID.test(id))
      problems.push(`a step has the id ${JSON.stringify(id)}; expected such as "devices/both-are-served"`);
    if (typeof title !== 'string' || title === '') problems.push(`the step ${JSON.stringify(id)} has no title`);
  }
  for (const [key, value, most] of [
    ['maxSockets', maxSockets, MOST_SOCKETS],
    ['maxSeconds', maxSeconds, 86_400],
  ] as const) {
    if (value !== undefined && !(typeof value === 'number' && value >= 0 && value <= most))
      problems.push(`${key} is ${JSON.stringify(value)}; expected a number from 0 to ${most}`);
  }
  return problems;
}
