import type { Identity } from '../drive/identity.ts';
import type { Guess } from '../drive/recipes/guess.ts';
import type { Recipe } from '../drive/recipes/types.ts';
import type { Road } from '../target/road.ts';
import type { Rooms } from './rooms.ts';
import type { CheckSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

/** Asks each address once, for as long as a run lasts. */
export class Guesses {
  readonly #seen = new Map<string, Guess>();
  readonly #rooms: Rooms;
  readonly #identity: Identity;
  readonly #road: Road | undefined;

  constructor(rooms: Rooms, identity: Identity, road?: Road) {
    this.#rooms = rooms;
    this.#road = road;
    this.#identity = identity;
  }

  async at(url: URL, isPathGiven: boolean): Promise<Guess> {
    const before = this.#seen.get(url.href);
    if (before !== undefined) return before;
    const guess = await this.#rooms.guessRecipe(url, this.#identity, isPathGiven, this.#road);
    // A server that answers nothing yet may still be starting.
    if (guess.isSeen) this.#seen.set(url.href, guess);
    return guess;
  }
}

/** What clients speak, and where. */
export interface WayIn {
  readonly recipe: Recipe;
  readonly url: URL;
  /** Said before the run when it was guessed. */
  readonly sentence: string | undefined;
}

/** The recipe that was asked for, if any. What it lacks is said before anything is started. */
export async function readRecipe(settings: CheckSettings, rooms: Rooms, folder: string): Promise<Recipe | undefined> {
  if (settings.recipe === undefined) return undefined;
  return await find(settings.recipe, settings, rooms, folder, '');
}

/** Where and how the target is spoken to: as asked, else as the server is seen to speak. */
export async function findWayIn(
  asked: Recipe | undefined,
  url: URL,
  guesses: Guesses,
  settings: CheckSettings,
  rooms: Rooms,
  folder: string,
): Promise<WayIn> {
  const isPathGiven = settings.path !== undefined || url.pathname !== '/';
  if (asked !== undefined) {
    return { recipe: asked, url: isPathGiven ? url : at(url, asked.path ?? url.pathname), sentence: undefined };
  }
  const guess = await guesses.at(url, isPathGiven);
  const recipe = await find(guess.recipe, settings, rooms, folder, `the server: ${guess.sentence}; `);
  return {
    recipe,
    url: at(url, guess.path),
    sentence: `clients speak ${recipe.name} at ${guess.path}: ${guess.sentence} (--recipe and --path overrule this)`,
  };
}

async function find(
  name: string,
  settings: CheckSettings,
  rooms: Rooms,
  folder: string,
  reason: string,
): Promise<Recipe> {
  try {
    return await rooms.findRecipe(name, { send: settings.send, subscribe: settings.subscribe }, folder);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--recipe: ${reason}${message}`, { cause: error });
  }
}

function at(url: URL, path: string): URL {
  const there = new URL(url);
  there.pathname = path;
  return there;
}
