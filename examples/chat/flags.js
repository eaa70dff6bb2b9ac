// @ts-check
import { parseArgs } from 'node:util';

/** Flag → option of the chat. */
const FLAGS = new Map([
  ['port', 'port'],
  ['limit', 'maxManagersPerUser'],
  ['heartbeat-interval-ms', 'heartbeatIntervalMs'],
  ['heartbeat-misses', 'heartbeatMisses'],
  ['pending-deadline-ms', 'pendingDeadlineMs'],
  ['cleanup-deadline-ms', 'cleanupDeadlineMs'],
  ['probe-timeout-ms', 'probeTimeoutMs'],
  ['sweep-interval-ms', 'sweepIntervalMs'],
  ['presence-interval-ms', 'presenceIntervalMs'],
]);

/**
 * Reads the command line; every flag takes a number.
 *
 * @returns {Record<string, number>}
 * @throws {TypeError} for a flag that does not exist or is no number
 */
export function readFlags() {
  const options = Object.fromEntries(
    [...FLAGS.keys()].map((flag) => [flag, { type: /** @type {const} */ ('string') }]),
  );
  const { values } = parseArgs({ options });
  return Object.fromEntries(
    Object.entries(values).map(([flag, value]) => {
      const number = Number(value);
      if (value === '' || !Number.isFinite(number)) throw new TypeError(`--${flag} must be a number, got '${value}'`);
      return [FLAGS.get(flag) ?? flag, number];
    }),
  );
}
