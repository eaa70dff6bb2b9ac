import type { Client, Refused } from '../drive/types.ts';
import type { ScenarioContext } from './types.ts';

/** How long an admitted client is given to answer its first ping. */
const FIRST_PONG_MS = 2_000;

export type Entry =
  | { readonly admitted: true; readonly client: Client }
  | { readonly admitted: false; readonly refusal: Refused };

/** The clients of one scenario: let in, counted, and all disposed at its end. */
export class Crowd {
  readonly #context: ScenarioContext;
  readonly #clients: Set<Client> = new Set();

  constructor(context: ScenarioContext) {
    this.#context = context;
  }

  /**
   * One attempt. Only a client whose first ping is answered counts as admitted: a server that accepts and then closes
   * with a code refuses, too, and its close frame comes before any pong.
   */
  async enter(user: string): Promise<Entry> {
    this.#context.signal.throwIfAborted();
    const attempt = await this.#context.drive.connect(user);
    return attempt.admitted ? await this.#proven(attempt.client) : { admitted: false, refusal: attempt };
  }

  /** Attempts whose requests are on the wire together. */
  async enterAtOnce(user: string, count: number): Promise<readonly Entry[]> {
    this.#context.signal.throwIfAborted();
    const attempts = await this.#context.drive.connectAtOnce(user, count);
    return await Promise.all(
      attempts.map(async (attempt): Promise<Entry> =>
        attempt.admitted ? await this.#proven(attempt.client) : { admitted: false, refusal: attempt },
      ),
    );
  }

  /** Lets `count` clients of a user in, a few at a time. Stops at the first refusal of each lane and answers who got in. */
  async fill(user: string, count: number, atATime: number = 5): Promise<Client[]> {
    const clients: Client[] = [];
    let begun = 0;
    const lane = async (): Promise<void> => {
      while (begun < count) {
        begun += 1;
        const entry = await this.enter(user);
        if (!entry.admitted) return;
        clients.push(entry.client);
      }
    };
    await Promise.all(Array.from({ length: Math.min(atATime, count) }, lane));
    return clients;
  }

  /** Destroys everything on our side. */
  dispose(): void {
    for (const client of this.#clients) client.dispose();
    this.#clients.clear();
  }

  async #proven(client: Client): Promise<Entry> {
    this.#clients.add(client);
    if (await client.ping(FIRST_PONG_MS)) return { admitted: true, client };
    const { closedByServer } = client;
    return {
      admitted: false,
      refusal: {
        admitted: false,
        httpStatus: undefined,
        retryAfter: undefined,
        body: undefined,
        closeCode: closedByServer?.code,
        closeReason: closedByServer?.reason,
        failure:
          closedByServer === undefined ? `accepted, but no answer to a ping within ${FIRST_PONG_MS} ms` : undefined,
      },
    };
  }
}

/** How many of these clients answer a ping. */
export async function countAnswering(clients: readonly Client[], deadlineMs: number): Promise<number> {
  const answers = await Promise.all(clients.map((client) => client.ping(deadlineMs)));
  return answers.filter(Boolean).length;
}
