import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WIRE_ENDINGS } from '../wire-endings.ts';
import { RecipeError } from './recipe-error.ts';
import type { LifeEnding, Recipe } from './types.ts';

const OPTIONAL_FUNCTIONS = ['setup', 'teardown'];
const KNOWN_ENDINGS: Readonly<Record<LifeEnding, true>> = {
  ...WIRE_ENDINGS,
  'during-work': true,
  'as-written': true,
};
/** What a WebSocket client may offer: a token of RFC 9110. */
const SUBPROTOCOL = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

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
  problems.push(...problemsOfLists(recipe));
  return problems;
}

function problemsOfLists({ endings, protocols, query }: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  const known = Object.keys(KNOWN_ENDINGS).join(', ');
  if (endings !== undefined && (!Array.isArray(endings) || endings.length === 0))
    problems.push(`its endings are no list of at least one of ${known}`);
  for (const ending of Array.isArray(endings) ? (endings as readonly unknown[]) : []) {
    if (typeof ending !== 'string' || !Object.hasOwn(KNOWN_ENDINGS, ending))
      problems.push(`${JSON.stringify(ending)} is no ending; known are ${known}`);
  }
  if (
    protocols !== undefined &&
    !(Array.isArray(protocols) && protocols.every((it) => typeof it === 'string' && SUBPROTOCOL.test(it)))
  )
    problems.push('its protocols are no list of subprotocols');
  const isQuery =
    typeof query === 'object' && query !== null && Object.values(query).every((value) => typeof value === 'string');
  if (query !== undefined && !isQuery) problems.push('its query is no object of texts');
  return problems;
}
