import { GraphqlOperations, HARMLESS, type Operation } from './graphql-operations.ts';
import { credentialsOf, objectIn } from './identified-socket.ts';
import type { RecipeOptions } from './options.ts';
import type { LifeSocket, PlainSpeech, Recipe, SpokenRefusal } from './types.ts';

const PROTOCOL = 'graphql-ws';

interface Frame {
  readonly id?: string;
  readonly type?: string;
  readonly payload?: { readonly data?: unknown; readonly message?: unknown } | null;
}

/** Asks under an id that is the text, since every answer bears it: this protocol has no pings of its own. */
const SPEECH: PlainSpeech = {
  greet: (identity = '') => JSON.stringify({ type: 'connection_init', payload: objectIn(identity) }),
  isWelcome: (message) => objectIn(message)?.['type'] === 'connection_ack',
  refusal(message) {
    const frame: Frame | undefined = objectIn(message);
    return frame?.type === 'connection_error' ? refusalIn(frame) : undefined;
  },
  say: (text) => JSON.stringify({ id: text, type: 'start', payload: HARMLESS }),
};

/** GraphQL over the older protocol of subscriptions-transport-ws, whose client is no longer kept: frames of our own. */
export function graphqlWsLegacyRecipe(options: RecipeOptions): Recipe {
  const operations = new GraphqlOperations(options);
  return {
    name: 'graphql-ws',
    description:
      'GraphQL by the legacy subprotocol graphql-ws (subscriptions-transport-ws), else like graphql-transport-ws',
    protocols: [PROTOCOL],
    speech: SPEECH,
    path: '/graphql',
    async live(life) {
      const socket = await life.connect({ introduce: false });
      socket.sendJson({ type: 'connection_init', payload: credentialsOf(life) });
      const reply = await socket.nextJson<Frame>(
        ({ type }) => type === 'connection_ack' || type === 'connection_error',
      );
      if (reply.type === 'connection_error') throw life.refused(refusalIn(reply));
      const talk = new Talk(socket);
      for (const query of operations.queries(life)) await talk.execute(query);
      const subscription = await operations.subscription(life, async (operation) => await talk.execute(operation));
      if (subscription !== undefined) {
        talk.stop(talk.start(subscription));
        talk.start(subscription);
        await talk.execute(HARMLESS);
      }
      return async () => {
        socket.sendJson({ type: 'connection_terminate' });
        await socket.close();
      };
    },
  };
}

class Talk {
  readonly #socket: LifeSocket;
  #lastId = 0;

  constructor(socket: LifeSocket) {
    this.#socket = socket;
  }

  start(operation: Operation): string {
    this.#lastId += 1;
    const id = String(this.#lastId);
    this.#socket.sendJson({ id, type: 'start', payload: operation });
    return id;
  }

  stop(id: string): void {
    this.#socket.sendJson({ id, type: 'stop' });
  }

  async execute(operation: Operation): Promise<unknown> {
    const id = this.start(operation);
    const frame = await this.#socket.nextJson<Frame>(
      (message) => message.id === id && ['data', 'error', 'complete'].includes(message.type ?? ''),
    );
    if (frame.type === 'error') throw new Error(reasonOf(frame));
    return frame.payload?.data;
  }
}

function refusalIn(frame: Frame): SpokenRefusal {
  return { message: reasonOf(frame), body: frame.payload };
}

function reasonOf({ payload }: Frame): string {
  return typeof payload?.message === 'string' ? payload.message : JSON.stringify(payload);
}
