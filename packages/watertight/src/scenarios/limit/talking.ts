import { emptyPings, longText } from '../../drive/frames.ts';
import type { Attempt } from '../../drive/types.ts';
import type { Steps } from '../steps.ts';
import type { ScenarioContext, StepDefinition } from '../types.ts';

const ID = 'limit/what-is-said-before-the-answer-is-bounded';

export const TALKING_STEP: StepDefinition = {
  id: ID,
  title:
    'Where a server says what a client may send before it is answered (maxEarlyBytes, maxEarlyMessages), clients that send more are not let in',
};

/** With its request it has to be read in one piece of 64 KiB. */
const LARGEST_BUDGET_BYTES = 48 * 1024;
const BYTES_OF_A_PING = 6;

/** Whoever is not known yet may not make a server keep whatever it likes. */
export async function checkTalking({ drive, inside, target }: ScenarioContext, steps: Steps): Promise<void> {
  const factory = inside?.factory;
  if (factory === undefined)
    return steps.skip(ID, 'not visible', 'only a factory that can be asked says what a client may send early');
  const { bytes, messages } = (await factory.stats()).earlyBudget ?? { bytes: null, messages: null };
  if (bytes === null || messages === null)
    return steps.skip(ID, 'not promised', 'the server does not say what a client may send before it is answered');
  if (target.url.protocol === 'wss:' || Math.max(bytes, messages * BYTES_OF_A_PING) > LARGEST_BUDGET_BYTES) {
    const note = `a request and more than ${bytes} bytes and ${messages} messages behind it are not sure to be read in one piece here`;
    return steps.skip(ID, 'not visible', note);
  }
  await steps.check(ID, async () => {
    const [long, many] = await Promise.all([
      drive.connectTalking(drive.userId(1_111), longText(bytes)),
      drive.connectTalking(drive.userId(1_112), emptyPings(messages + 1)),
    ]);
    for (const attempt of [long, many]) if (attempt.admitted) attempt.client.dispose();
    const figures = { bytes, messages, tooLong: outcomeOf(long), tooMany: outcomeOf(many) };
    const message = `of two that send more before they are answered than may be, one with more than ${bytes} bytes was ${figures.tooLong} and one with ${messages + 1} messages ${figures.tooMany}`;
    return { ok: !long.admitted && !many.admitted, message, type: 'limit-not-enforced', isTimeless: true, figures };
  });
}

function outcomeOf(attempt: Attempt): string {
  if (attempt.admitted) return 'admitted';
  const answer = attempt.httpStatus ?? attempt.closeCode;
  return answer === undefined ? 'let go' : `refused with ${answer}`;
}
