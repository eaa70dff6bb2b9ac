import { objectIn } from './identified-socket.ts';
import { filled, type RecipeOptions } from './options.ts';
import type { Life, LifeSocket, Recipe } from './types.ts';

/** Whoever does not know the method answers with an error, and that is an answer too. */
const HARMLESS_METHOD = 'rpc.discover';

interface Answer {
  readonly id?: unknown;
}

/** JSON-RPC 2.0: calls each `--send`, a method or a whole request, and leaves `--subscribe` subscribed. */
export function jsonRpcRecipe(options: RecipeOptions): Recipe {
  const calls = options.send.length > 0 ? options.send : [HARMLESS_METHOD];
  return {
    name: 'json-rpc',
    description: `JSON-RPC 2.0: calls each --send (a method, or {"method", "params"}; else ${HARMLESS_METHOD}), stays subscribed to --subscribe`,
    async live(life) {
      const socket = await life.connect();
      const all = options.subscribe === undefined ? calls : [...calls, options.subscribe];
      for (const [position, call] of all.entries()) await ask(socket, position + 1, filled(call, life), life);
    },
  };
}

async function ask(socket: LifeSocket, id: number, call: string, life: Life): Promise<void> {
  const request = objectIn(call) ?? { method: call };
  if (typeof request['method'] !== 'string') throw new Error(`${call} names no method to call`);
  life.signal.throwIfAborted();
  socket.sendJson({ ...request, jsonrpc: '2.0', id });
  await socket.nextJson<Answer>((message) => message?.id === id);
}
