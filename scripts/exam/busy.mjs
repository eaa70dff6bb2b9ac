// @ts-check
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * Keeps every core busy until it is told to stop.
 *
 * @returns {() => void}
 */
export function keepBusy() {
  const burners = Array.from({ length: availableParallelism() }, () =>
    spawn(
      process.execPath,
      [
        '-e',
        'process.stdin.on("end", () => process.exit()).resume(); (function burn() { const until = Date.now() + 50; while (Date.now() < until); setImmediate(burn); })()',
      ],
      {
        // Their input ends with us, and they with it.
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    ),
  );
  return () => {
    for (const one of burners) one.kill('SIGKILL');
  };
}
