import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RecipeError } from './recipe-error.ts';
import type { Recipe } from './types.ts';

const OPTIONAL_FUNCTIONS = ['setup', 'teardown'];

/**
 * Loads a recipe of the user's: the default export of a module.
 *
 * @throws {@link RecipeError} when there is no such file, it cannot be loaded, or what it exports is no recipe.
 */
export async function loadRecipeModule(file: string, folder: string): Promise<Recipe> {
  const path = resolve(folder, file);
  if (!existsSync(path)) throw new RecipeError(`the recipe ${path} does not exist`);
  let exported: unknown;
  try {
    exported = await importDefault(path);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new RecipeError(`the recipe ${path} cannot be loaded: ${message}`, { cause: error });
  }
  const problems = problemsOf(exported);
  if (problems.length > 0) throw new RecipeError(`the recipe ${path} is not one: ${problems.join('; ')}`);
  return exported as Recipe;
}

/** The default export of a module, TypeScript included. */
export async function importDefault(path: string): Promise<unknown> {
  if (['.ts', '.mts'].includes(extname(path))) {
    const { createJiti } = await import('jiti');
    return await createJiti(import.meta.url, { fsCache: false }).import(path, { default: true });
  }
  const module: unknown = await import(pathToFileURL(path).href);
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
}

function problemsOf(exported: unknown): string[] {
  if (typeof exported !== 'object' || exported === null) return ['it has no object as its default export'];
  const recipe: Readonly<Record<string, unknown>> = { ...exported };
  const problems: string[] = [];
  if (typeof recipe['name'] !== 'string' || recipe['name'] === '') problems.push('its name is no text');
  if (typeof recipe['live'] !== 'function') problems.push('live is no function');
  for (const key of OPTIONAL_FUNCTIONS) {
    if (recipe[key] !== undefined && typeof recipe[key] !== 'function') problems.push(`${key} is no function`);
  }
  const path = recipe['path'];
  if (path !== undefined && !(typeof path === 'string' && path.startsWith('/')))
    problems.push('its path does not begin with /');
  return problems;
}
