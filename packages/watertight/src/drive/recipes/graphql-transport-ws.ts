import type * as GraphqlWs from 'graphql-ws';
import { clientLibrary } from './client-library.ts';
import { GraphqlOperations, HARMLESS, type Operation } from './graphql-operations.ts';
import { credentialsOf, objectIn, socketClassOf } from './identified-socket.ts';
import type { RecipeOptions } from './options.ts';
import type { PlainSpeech, Recipe, SpokenRefusal } from './types.ts';

const NAME = 'graphql-transport-ws';

/** Talks in pings, which come back with their payload. */
const SPEECH: PlainSpeech = {
  greet: (identity) =>
    JSON.stringify({ type: 'connection_init', payload: identity === undefined ? undefined : objectIn(identity) }),
  isWelcome: (message) => objectIn(message)?.['type'] === 'connection_ack',
  // However it is spelt: many servers write blanks into their JSON.
  reply: (message) => (objectIn(message)?.['type'] === 'ping' ? '{"type":"pong"}' : undefined),
  say: (text) => JSON.stringify({ type: 'ping', payload: { text } }),
};

/** GraphQL over `graphql-transport-ws`, by the client `graphql-ws`: asks, subscribes and completes, and leaves one subscribed. */
export function graphqlTransportWsRecipe(options: RecipeOptions, folder: string): Recipe {
  const { createClient } = clientLibrary('graphql-ws', NAME, folder) as typeof GraphqlWs;
  const operations = new GraphqlOperations(options);
  return {
    name: NAME,
    description: 'GraphQL (graphql-ws): asks each --send, completes --subscribe once and leaves it subscribed once',
    protocols: [NAME],
    speech: SPEECH,
    path: '/graphql',
    async live(life) {
      let refusal: SpokenRefusal | undefined;
      let isWelcome = false;
      const client = createClient({
        url: life.url.href,
        webSocketImpl: socketClassOf(life),
        connectionParams: credentialsOf(life),
        lazy: false,
        retryAttempts: 0,
        on: {
          connected: () => (isWelcome = true),
          closed: (event) => (refusal = isWelcome ? undefined : refusalIn(event)),
        },
        // Told by whoever waits for an answer.
        onNonLazyError: () => undefined,
      });
      const dispose = async (): Promise<void> => await client.dispose();
      life.onDispose(dispose);
      const execute = async (operation: Operation): Promise<unknown> => {
        try {
          return await firstResult(client, operation).result;
        } catch (error) {
          throw refusal === undefined ? error : life.refused(refusal);
        }
      };
      for (const query of operations.queries(life)) await execute(query);
      const subscription = await operations.subscription(life, execute);
      if (subscription !== undefined) {
        const completed = firstResult(client, subscription);
        await answeredBefore(completed, execute);
        completed.stop();
        await answeredBefore(firstResult(client, subscription), execute);
      }
      return dispose;
    },
  };
}

/** Whoever sends a wrong `connection_init` is told by a close frame; 1006 never travels: it says that none came. */
function refusalIn(event: unknown): SpokenRefusal | undefined {
  if (typeof event !== 'object' || event === null) return undefined;
  const { code, reason } = event as { readonly code?: unknown; readonly reason?: unknown };
  if (typeof code !== 'number' || code === 1006) return undefined;
  return { message: typeof reason === 'string' ? reason : '', closeCode: code };
}

interface Running {
  /** Rejects when the server says that the operation is wrong, or the connection ends. */
  readonly result: Promise<unknown>;
  readonly stop: () => void;
}

function firstResult(client: GraphqlWs.Client, { query, variables }: Operation): Running {
  let stop: () => void = () => undefined;
  const result = new Promise<unknown>((resolve, reject) => {
    stop = client.subscribe(
      { query, variables: variables ?? null },
      {
        next: ({ data }) => resolve(data),
        error: (error) => reject(new Error(reasonOf(error))),
        complete: () => resolve(undefined),
      },
    );
  });
  result.catch(() => undefined);
  return { result, stop };
}

/** Nobody confirms a subscription: it stands once the server has answered what was asked behind it, or refuses it. */
async function answeredBefore(
  subscription: Running,
  execute: (operation: Operation) => Promise<unknown>,
): Promise<void> {
  const refused = async (): Promise<never> => {
    await subscription.result;
    // A first event is no refusal: then the answer to the question decides.
    return await new Promise<never>(() => undefined);
  };
  await Promise.race([execute(HARMLESS), refused()]);
}

/** The client reports GraphQL errors as a list, broken connections as close events. */
function reasonOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (Array.isArray(error)) return error.map((entry: unknown) => reasonOf(entry)).join('; ');
  if (typeof error !== 'object' || error === null) return String(error);
  const { message, code, reason } = error as { message?: unknown; code?: unknown; reason?: unknown };
  if (typeof message === 'string' && message !== '') return message;
  return typeof code === 'number'
    ? `the connection closed with ${code} ${typeof reason === 'string' ? reason : ''}`.trim()
    : 'the connection broke';
}
