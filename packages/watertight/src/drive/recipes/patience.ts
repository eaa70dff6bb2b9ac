import { within } from '../within.ts';

/** How long an answer may take after the server has read the message, until this server is known to give none. */
const ANSWER_WAIT_MS = 200;
/** After so many lives without an answer none is waited for any more. */
const SILENT_COUNT = 3;

/** For protocols in which nobody has to answer: waits for answers as long as this server was seen to give any. */
export class Patience {
  #silentCount = 0;

  async wait(answer: Promise<unknown>): Promise<void> {
    answer.catch(() => undefined);
    const isSilent = this.#silentCount >= SILENT_COUNT;
    try {
      if ((await within(answer, isSilent ? 0 : ANSWER_WAIT_MS)) !== undefined) this.#silentCount = 0;
      else this.#silentCount += 1;
    } catch {
      this.#silentCount += 1;
    }
  }
}
