import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { UsageError } from '../usage-error.ts';

/** Asks one after another; an empty answer takes what was found. */
export interface Questions extends Disposable {
  ask(question: string, found: string | undefined): Promise<string>;
}

export function askQuestions(input: Readable, output: Writable): Questions {
  const lines = createInterface({ input, output });
  let isClosed = false;
  lines.once('close', () => (isClosed = true));
  return {
    ask: (question, found) =>
      new Promise((resolve, reject) => {
        // Ctrl-C and Ctrl-D: what was not answered is not decided.
        const stop = (): void => reject(new UsageError('not all questions were answered; nothing was written'));
        if (isClosed) return stop();
        lines.once('close', stop);
        lines.question(`${question}${found === undefined ? '' : ` (${found})`} `, (answer) => {
          lines.off('close', stop);
          resolve(answer.trim() === '' ? (found ?? '') : answer.trim());
        });
      }),
    [Symbol.dispose]: () => lines.close(),
  };
}
