// @ts-check

/** @typedef {Record<string, number | string>} Arguments */
/** @typedef {Record<string, number>} Figures */

/**
 * The child's side: answers what the parent asks, until the parent goes away.
 *
 * @param {Record<string, (args: Arguments) => Figures | Promise<Figures>>} answers
 */
export function answer(answers) {
  process.on('message', (/** @type {{ id: number, ask: string, args: Arguments }} */ { id, ask, args }) => {
    void (async () => {
      try {
        process.send?.({ id, figures: await answers[ask]?.(args) });
      } catch (error) {
        process.send?.({ id, failed: error instanceof Error ? error.stack : String(error) });
      }
    })();
  });
  process.once('disconnect', () => process.exit(0));
  process.send?.({ id: 0, figures: {} });
}

/** All CPU this process has used so far, in microseconds, its garbage collector's threads included. */
export function cpuMicros() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Bytes of heap in use once everything that can go has gone. */
export function heapBytes() {
  for (let round = 0; round < 4; round += 1) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
