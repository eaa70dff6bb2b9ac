// @ts-check
import { setTimeout as delay } from 'node:timers/promises';

/** Something that had to be seen was not; the message is meant for a person. */
export class NotSeenError extends Error {}

const beganAtMs = performance.now();
const LABEL_WIDTH = 11;

/** One line of the night, at its time. Further lines stand below it. @param {string} label @param {string} first @param {readonly string[]} more */
export function say(label, first, ...more) {
  const seconds = ((performance.now() - beganAtMs) / 1000).toFixed(1).padStart(5);
  console.log(`${seconds} s  ${label.padEnd(LABEL_WIDTH)}${first}`);
  for (const line of more) console.log(`${' '.repeat(9 + LABEL_WIDTH)}${line}`);
}

/**
 * Asks again and again until there is an answer.
 *
 * @template Answer
 * @param {string} what is waited for
 * @param {() => Answer | undefined | false | Promise<Answer | undefined | false>} look
 * @param {number} [withinMs]
 * @returns {Promise<Answer>}
 */
export async function until(what, look, withinMs = 20_000) {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadlineMs) throw new NotSeenError(`not seen within ${withinMs / 1000} s: ${what}`);
    await delay(50);
  }
}

/** @param {boolean} isSo @param {string} what */
export function expect(isSo, what) {
  if (!isSo) throw new NotSeenError(`not so: ${what}`);
}

/** As a clock on the wall shows it. @param {number | string} at milliseconds since the epoch, or ISO 8601 */
export const clockText = (at) => new Date(at).toTimeString().slice(0, 8);
