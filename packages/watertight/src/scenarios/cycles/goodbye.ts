import { poll } from '../../evidence/poll.ts';
import { Crowd } from '../shared/crowd.ts';
import type { Steps } from '../steps.ts';
import type { ScenarioContext, StepDefinition } from '../types.ts';

const ID = 'cycles/a-close-frame-is-answered';
const USER = 1_450;
/** So many say goodbye. */
export const CLIENT_COUNT = 3;

export const GOODBYE_STEP: StepDefinition = {
  id: ID,
  title: 'Who says goodbye with a close frame gets one back, and the server ends the TCP connection',
};

/**
 * The closing handshake as a client sees it, which needs nothing but the address of a server. A server that answers nobody breaks the
 * protocol, one that answers some is busy.
 */
export async function checkGoodbye(context: ScenarioContext, steps: Steps, patienceMs: number): Promise<void> {
  const crowd = new Crowd(context);
  try {
    const clients = await crowd.fill(context.drive.userId(USER), CLIENT_COUNT, 1);
    if (clients.length === 0) return steps.skip(ID, 'not visible', 'clients that speak plain WebSocket are not let in');
    const said = clients.length;
    await Promise.all(clients.map((client) => client.end('close-frame')));
    const gone = await Promise.all(clients.map((client) => client.gone(patienceMs)));
    const ended = gone.filter((seen) => seen !== undefined).length;
    // What came on the wire before the end is read a moment after it.
    const { last: answered } = await poll(
      () => clients.filter(({ closedByServer }) => closedByServer !== undefined).length,
      (count) => count === ended,
      { deadlineMs: patienceMs, everyMs: 10, signal: context.signal },
    );
    await steps.check(ID, () => {
      const message = `${said} clients said goodbye: within ${patienceMs} ms the server ended the connection of ${ended}, ${answered} of them with a close frame before`;
      if (Math.min(answered, ended) > 0 && Math.min(answered, ended) < said)
        throw new Error(`${message}; --deadline with more time would settle it`);
      return {
        ok: answered === said && ended === said,
        message,
        type: ended === 0 ? 'slow-socket-close' : 'promise-broken',
        figures: { said, answered, ended, patienceMs },
      };
    });
  } finally {
    crowd.dispose();
  }
}
