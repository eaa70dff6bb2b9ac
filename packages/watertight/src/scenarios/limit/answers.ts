import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../drive/types.ts';
import type { Crowd } from '../shared/crowd.ts';
import { isEcho } from '../shared/fill-buffers.ts';
import type { Steps } from '../steps.ts';
import type { StepDefinition } from '../types.ts';

export const ANSWERS_STEP: StepDefinition = {
  id: 'limit/each-is-answered-on-its-own-connection',
  title: 'Where a server sends back what it is sent, each of the sockets at the limit gets what it said itself',
};

const ANSWER_WITHIN_MS = 2_000;
/** So long it is waited for once it is needed: a machine that is busy had the time of the steps before. */
const LONGER_MS = 200;

/**
 * What is said on one connection of a user and answered on another is lost to whoever asked. That the server sends back at all
 * is found out on a connection of its own: one that knows other messages only may end it.
 */
export class AnswersWatch {
  #isEchoing: Promise<boolean> | undefined;

  begin(crowd: Crowd, user: string): void {
    this.#isEchoing = crowd.enter(user).then(async (entry) => {
      if (!entry.admitted) return false;
      const isEchoing = await isEcho(entry.client, ANSWER_WITHIN_MS);
      await entry.client.end('close-frame');
      return isEchoing;
    });
    // Judged where it is asked for.
    this.#isEchoing.catch(() => undefined);
  }

  async check(steps: Steps, clients: readonly Client[]): Promise<void> {
    const isEchoing = await Promise.race([this.#isEchoing, delay(LONGER_MS, false, { ref: false })]);
    if (isEchoing !== true) {
      return steps.skip(ANSWERS_STEP.id, 'not visible', 'the server sends nobody back what it was sent');
    }
    await steps.check(ANSWERS_STEP.id, async () => {
      const answered = await Promise.all(clients.map((client) => isEcho(client, ANSWER_WITHIN_MS)));
      const count = answered.filter(Boolean).length;
      return {
        ok: count === clients.length,
        message: `${clients.length} sockets of a user said something each, at once; ${count} got it back on the connection on which it was said`,
        type: 'unresponsive-connection',
        figures: { said: clients.length, answered: count },
      };
    });
  }
}
