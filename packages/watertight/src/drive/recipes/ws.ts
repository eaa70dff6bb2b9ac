import { filled, type RecipeOptions } from './options.ts';
import type { Life, LifeSocket, Recipe } from './types.ts';

/** How long an answer may take after the server has read the message, until this server is known to give none. */
const ANSWER_WAIT_MS = 200;
const PONG_WAIT_MS = 1_000;
/** For servers that were seen to answer no pings. */
const PONGLESS_WAIT_MS = 50;
/** After so many lives without an answer none is waited for any more. */
const SILENT_LIVES_COUNT = 3;

/** Plain WebSocket: sends the messages and takes an answer to each if one comes; without messages it pings. */
export function wsRecipe(options: RecipeOptions): Recipe {
  const habits = new ServerHabits();
  return {
    name: 'ws',
    description: 'plain WebSocket: sends each --send and takes an answer if one comes; else ping and pong',
    async live(life: Life) {
      const socket = await life.connect();
      if (options.send.length === 0) await habits.heard(socket);
      for (const text of options.send) {
        socket.send(filled(text, life));
        await habits.answered(socket);
      }
    },
  };
}

/** What one server was seen to do, so that no life waits for what never comes. */
class ServerHabits {
  #isPongless = false;
  #silentCount = 0;

  /** The server has read what was sent: it answered a ping that stood behind it. */
  async heard(socket: LifeSocket): Promise<void> {
    const hasPong = await socket.ping(this.#isPongless ? PONGLESS_WAIT_MS : PONG_WAIT_MS);
    this.#isPongless = !hasPong;
  }

  async answered(socket: LifeSocket): Promise<void> {
    await this.heard(socket);
    const waitMs = this.#silentCount < SILENT_LIVES_COUNT ? ANSWER_WAIT_MS : 0;
    try {
      await socket.next(undefined, waitMs);
      this.#silentCount = 0;
    } catch {
      this.#silentCount += 1;
    }
  }
}
