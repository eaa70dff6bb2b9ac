import { graphqlTransportWsRecipe } from './graphql-transport-ws.ts';
import { graphqlWsLegacyRecipe } from './graphql-ws-legacy.ts';
import { jsonRpcRecipe } from './json-rpc.ts';
import { loadRecipeModule } from './module.ts';
import { mqttRecipe } from './mqtt.ts';
import type { RecipeOptions } from './options.ts';
import { RecipeError } from './recipe-error.ts';
import { socketIoRecipe } from './socket-io.ts';
import { sockjsRecipe } from './sockjs.ts';
import { stompRecipe } from './stomp.ts';
import type { Recipe } from './types.ts';
import { wsRecipe } from './ws.ts';

/** Makes a recipe; loads the client library it needs, if any, as seen from this folder. */
type Make = (options: RecipeOptions, folder: string) => Recipe;

/** The recipes that come with the kit, by name. */
const BUILT_IN: Readonly<Record<string, Make>> = {
  ws: wsRecipe,
  'socket.io': (options, folder) => socketIoRecipe('websocket', options, folder),
  'socket.io-polling': (options, folder) => socketIoRecipe('polling', options, folder),
  'graphql-transport-ws': graphqlTransportWsRecipe,
  'graphql-ws': graphqlWsLegacyRecipe,
  'json-rpc': jsonRpcRecipe,
  sockjs: sockjsRecipe,
  mqtt: mqttRecipe,
  stomp: stompRecipe,
};

const RECIPE_NAMES = Object.keys(BUILT_IN);

/**
 * The recipe that goes by this name, or stands in this file: what ends in .mjs, .js, .mts or .ts is one.
 *
 * @throws {@link RecipeError} for an unknown name, a file that is no recipe, or a client library that is not installed.
 */
export async function findRecipe(nameOrFile: string, options: RecipeOptions, folder: string): Promise<Recipe> {
  const make = Object.hasOwn(BUILT_IN, nameOrFile) ? BUILT_IN[nameOrFile] : undefined;
  if (make !== undefined) return make(options, folder);
  if (/\.m?[jt]s$/.test(nameOrFile)) return await loadRecipeModule(nameOrFile, folder);
  throw new RecipeError(
    `the recipe is ${JSON.stringify(nameOrFile)}; known are ${RECIPE_NAMES.join(', ')}, or a file such as ./my-recipe.mjs`,
  );
}
