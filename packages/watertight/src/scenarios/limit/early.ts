import { refusalFigures, whatIsUndocumented } from '../shared/refusal.ts';
import type { Steps } from '../steps.ts';
import type { ScenarioContext } from '../types.ts';

const PONG_MS = 2_000;

/**
 * A client that does not wait for the answer to its request. The protocol lets a server refuse it; one that lets it in has read
 * every byte, or what follows is no frame.
 */
export async function checkEarly({ drive, inside }: ScenarioContext, steps: Steps): Promise<void> {
  const id = 'limit/bytes-before-the-answer-are-kept';
  if (inside?.factory === undefined)
    return steps.skip(id, 'not visible', 'only servers with a factory promise to keep what comes before their answer');
  await steps.check(id, async () => {
    const { attempt, pingAnswered } = await drive.connectEarly(drive.userId(1_102), { timeoutMs: PONG_MS });
    if (attempt.admitted) attempt.client.dispose();
    const isRefused =
      !attempt.admitted && (attempt.httpStatus !== undefined || whatIsUndocumented(attempt, Infinity) === undefined);
    const figures = {
      admitted: attempt.admitted,
      pingAnswered,
      ...(attempt.admitted ? undefined : refusalFigures(attempt)),
    };
    const message = attempt.admitted
      ? 'a ping that began before the answer to the upgrade was not answered: bytes of it were lost or read twice'
      : `a client that sent bytes before the answer was let in and then lost: ${attempt.failure ?? `close code ${attempt.closeCode}`}`;
    return { ok: pingAnswered || isRefused, message, type: 'unresponsive-connection', figures };
  });
}
