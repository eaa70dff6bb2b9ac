import { RefusedError } from '../life-socket.ts';
import { refusedByClose } from '../refusal.ts';
import { within } from '../within.ts';
import { filled, type RecipeOptions } from './options.ts';
import { Patience } from './patience.ts';
import type { Life, LifeSocket, Recipe } from './types.ts';

const PONG_WAIT_MS = 1_000;
/** From a close frame to the end of the connection, for those who were refused by it. */
const CLOSE_WAIT_MS = 1_000;
const NOT_CLOSED = { code: 1006, reason: '' };
/** For servers that were seen to answer no pings. */
const PONGLESS_WAIT_MS = 50;

/** Plain WebSocket: sends the messages and takes an answer to each if one comes; without messages it pings. */
export function wsRecipe(options: RecipeOptions): Recipe {
  const talk = new PlainTalk(options);
  return {
    name: 'ws',
    description: 'plain WebSocket: sends each --send and takes an answer if one comes; else ping and pong',
    isMute: options.send.length === 0,
    live: async (life) => await talk.over(await life.connect(), life),
  };
}

/** Let in and closed before it answered: that is how many servers say no. */
async function refuseClosed(socket: LifeSocket): Promise<void> {
  if (socket.isOpen) return;
  const closed = (await within(socket.closed, CLOSE_WAIT_MS))?.value ?? NOT_CLOSED;
  const refused = refusedByClose(closed.code, closed.reason, undefined);
  throw new RefusedError(`the server closed with ${closed.code} before it answered a ping`, refused);
}

/** What is said on a plain WebSocket, and what one server was seen to do, so that no life waits for what never comes. */
export class PlainTalk {
  readonly #send: readonly string[];
  readonly #patience = new Patience();
  #isPongless = false;

  constructor(options: RecipeOptions) {
    this.#send = options.send;
  }

  async over(socket: LifeSocket, life: Life): Promise<void> {
    if (this.#send.length === 0) {
      await this.#heard(socket);
      await refuseClosed(socket);
    }
    for (const text of this.#send) {
      socket.send(filled(text, life));
      await this.#heard(socket);
      await this.#patience.wait(socket.next());
    }
  }

  /** The server has read what was sent: it answered a ping that stood behind it. */
  async #heard(socket: LifeSocket): Promise<void> {
    this.#isPongless = !(await socket.ping(this.#isPongless ? PONGLESS_WAIT_MS : PONG_WAIT_MS));
  }
}
