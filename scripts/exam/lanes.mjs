// @ts-check
import { InstallError } from './workshop.mjs';

/**
 * Takes `step` with all of them, so many at once. What could not be installed is said, is no result, and is never counted as one.
 *
 * @template T
 * @param {T[]} waiting emptied
 * @param {{ readonly jobs: number, readonly nameOf: (one: T) => string, readonly say: (line: string) => void }} options
 * @param {(one: T) => Promise<void>} step
 */
export async function inLanes(waiting, { jobs, nameOf, say }, step) {
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        await step(next);
      } catch (error) {
        if (!(error instanceof InstallError)) throw error;
        process.exitCode = 1;
        say(`${nameOf(next)}: NOT SAT: ${error.message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, lane));
}
