import { loadRecipeModule } from './module.ts';
import type { RecipeOptions } from './options.ts';
import { RecipeError } from './recipe-error.ts';
import type { Recipe } from './types.ts';
import { wsRecipe } from './ws.ts';

/** The recipes that come with the kit, by name. What needs a client library loads it only here. */
const BUILT_IN: Readonly<Record<string, (options: RecipeOptions) => Recipe | Promise<Recipe>>> = {
  ws: wsRecipe,
};

const RECIPE_NAMES = Object.keys(BUILT_IN);

/**
 * The recipe that goes by this name, or stands in this file: what ends in .mjs, .js, .mts or .ts is one.
 *
 * @throws {@link RecipeError} for an unknown name, a file that is no recipe, or a client library that is not installed.
 */
export async function findRecipe(nameOrFile: string, options: RecipeOptions, folder: string): Promise<Recipe> {
  if (/\.m?[jt]s$/.test(nameOrFile)) return await loadRecipeModule(nameOrFile, folder);
  const make = Object.hasOwn(BUILT_IN, nameOrFile) ? BUILT_IN[nameOrFile] : undefined;
  if (make === undefined) {
    throw new RecipeError(
      `the recipe is ${JSON.stringify(nameOrFile)}; known are ${RECIPE_NAMES.join(', ')}, or a file such as ./my-recipe.mjs`,
    );
  }
  return await make(options);
}
