import { createRequire } from 'node:module';
import { join } from 'node:path';
import { RecipeError } from './recipe-error.ts';

/**
 * Loads the client library of a protocol: the user's own where the command was called, else the one beside this kit. None
 * comes with the kit, so that who needs one protocol does not install five.
 *
 * @throws {@link RecipeError} with the command that installs it, when there is none.
 */
export function clientLibrary(name: string, recipe: string, folder: string): unknown {
  // Loaded by require, which Node 20.19 can do for ES modules too: an import cannot begin at another folder.
  for (const begin of [join(folder, 'recipe.js'), import.meta.url]) {
    const require = createRequire(begin);
    try {
      require.resolve(name);
    } catch {
      continue;
    }
    try {
      return require(name) as unknown;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new RecipeError(`the recipe ${recipe} cannot load ${name}: ${message}`, { cause: error });
    }
  }
  throw new RecipeError(
    `the recipe ${recipe} speaks through the package ${name}, which is not installed: npm install --save-dev ${name}`,
  );
}
