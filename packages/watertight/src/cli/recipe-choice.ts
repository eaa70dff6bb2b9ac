import type { Recipe } from '../drive/recipes/types.ts';
import type { Rooms } from './rooms.ts';
import type { CheckSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

/** The recipe that was asked for; `ws` when none was. What it lacks is said before anything is started. */
export async function chooseRecipe(settings: CheckSettings, rooms: Rooms, folder: string): Promise<Recipe> {
  const options = { send: settings.send, subscribe: settings.subscribe };
  try {
    return await rooms.findRecipe(settings.recipe ?? 'ws', options, folder);
  } catch (error) {
    throw new UsageError(`--recipe: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
