import { parseArgs } from 'node:util';
import { HEALTHY, makeSpecimen } from './faults.ts';
import { makeInspectable } from './specimen-inspection.ts';
import { SPECIMEN_DEFAULTS } from './specimen-options.ts';
import { serveSpecimen } from './specimen-server.ts';
import { within } from './specimen-teardown.ts';

const NUMBERS = {
  limit: 'maxManagersPerUser',
  'emergency-threshold': 'emergencyThreshold',
  'cleanup-deadline-ms': 'cleanupDeadlineMs',
  'close-handshake-ms': 'closeHandshakeMs',
  'pending-deadline-ms': 'pendingDeadlineMs',
  'heartbeat-interval-ms': 'heartbeatIntervalMs',
  'heartbeat-misses': 'heartbeatMisses',
  'sweep-interval-ms': 'sweepIntervalMs',
  'probe-timeout-ms': 'probeTimeoutMs',
} as const;

/** `node dist/faulty/main.js --fault D-01|healthy [--limit 20 …]`: serves until SIGTERM. */
async function main(): Promise<void> {
  const names = ['fault', ...Object.keys(NUMBERS)];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const values: Readonly<Record<string, unknown>> = parseArgs({ options }).values;
  const given: [string, number][] = [];
  for (const [name, option] of Object.entries(NUMBERS)) {
    const text = values[name];
    if (typeof text !== 'string') continue;
    const value = Number(text);
    if (!(value > 0)) throw new RangeError(`--${name} must be a number above 0, was ${text}`);
    given.push([option, value]);
  }
  const id = typeof values['fault'] === 'string' ? values['fault'] : HEALTHY;
  const resolved = { ...SPECIMEN_DEFAULTS, name: id, ...Object.fromEntries<number>(given) };
  const specimen = makeSpecimen(id, { ...resolved, maxClosingPerUser: resolved.maxManagersPerUser });
  makeInspectable(specimen);
  const running = await serveSpecimen(specimen);
  process.once('SIGTERM', () => {
    // A faulty one may never finish closing.
    void within(running.close(), resolved.cleanupDeadlineMs + 100).then(() => process.exit(0));
  });
  process.stdout.write(`listening on ${running.url}\n`);
}

await main();
