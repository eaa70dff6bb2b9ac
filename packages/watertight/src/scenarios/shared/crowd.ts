import type { Attempt, Client, Refused } from '../../drive/types.ts';
import { poll } from '../../evidence/poll.ts';
import type { Entry } from '../define-scenario.ts';
import type { ScenarioContext } from '../types.ts';

export type { Entry } from '../define-scenario.ts';

/** The clients of one scenario: let in, counted, and all disposed at its end. */
export class Crowd {
  readonly #context: ScenarioContext;
  readonly #clients: Set<Client> = new Set();
  readonly #refusals: Refused[] = [];

  constructor(context: ScenarioContext) {
    this.#context = context;
  }

  /** Of all attempts so far, oldest first. */
  get refusals(): readonly Refused[] {
    return this.#refusals;
  }

  /** One attempt. Admitted means that the first ping was answered, or that the server answers none at all. */
  async enter(user: string, options: { readonly session?: string } = {}): Promise<Entry> {
    this.#context.signal.throwIfAborted();
    return this.#note(await this.#context.drive.connect(user, options));
  }

  /** Like {@link enter}, but tries again until somebody who just ended has given the place back, for at most `patienceMs`. */
  async enterWithin(user: string, patienceMs: number): Promise<Entry> {
    const { last } = await poll(
      () => this.enter(user),
      (entry) => entry.admitted,
      { deadlineMs: patienceMs, everyMs: 10, signal: this.#context.signal },
    );
    return last;
  }

  /** Attempts whose requests are on the wire together. */
  async enterAtOnce(user: string, count: number): Promise<readonly Entry[]> {
    this.#context.signal.throwIfAborted();
    return (await this.#context.drive.connectAtOnce(user, count)).map((attempt) => this.#note(attempt));
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

  /** Gives up one client that has ended. */
  release(client: Client): void {
    client.dispose();
    this.#clients.delete(client);
  }

  /** Destroys everything on our side. */
  dispose(): void {
    for (const client of this.#clients) client.dispose();
    this.#clients.clear();
  }

  #note(attempt: Attempt): Entry {
    if (!attempt.admitted) {
      this.#refusals.push(attempt);
      this.#context.refusals?.push(attempt);
      return { admitted: false, refusal: attempt };
    }
    this.#clients.add(attempt.client);
    return attempt;
  }
}

/** How many of these clients answer a ping. */
export async function countAnswering(clients: readonly Client[], deadlineMs: number): Promise<number> {
  const answers = await Promise.all(clients.map((client) => client.ping(deadlineMs)));
  return answers.filter(Boolean).length;
}
