import { parseArgs } from 'node:util';
import { HEALTHY, makeSpecimen } from './faults.ts';
import { specimenNames } from './specimen-names.ts';
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

/**
 * `node dist/programs/specimen.js [--fault D-01 …] [--limit 20 …]`: serves one specimen per `--fault`, each on a port of its own, or the
 * healthy one, until SIGTERM. One alone takes its port from the environment variable `PORT`, if there is one. Says where each listens, in the order in which they were asked for.
 */
async function main(): Promise<void> {
  const numbers = Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, { type: 'string' as const }]));
  const options = { fault: { type: 'string' as const, multiple: true as const }, ...numbers };
  const values: Readonly<Record<string, unknown>> = parseArgs({ options }).values;
  const given: [string, number][] = [];
  for (const [name, option] of Object.entries(NUMBERS)) {
    const text = values[name];
    if (typeof text !== 'string') continue;
    const value = Number(text);
    if (!(value > 0)) throw new RangeError(`--${name} must be a number above 0, was ${text}`);
    given.push([option, value]);
  }
  const resolved = { ...SPECIMEN_DEFAULTS, ...Object.fromEntries<number>(given) };
  const ids = Array.isArray(values['fault']) ? values['fault'].map(String) : [HEALTHY];
  const names = specimenNames(ids);
  const specimens = ids.map((id, index) =>
    makeSpecimen(id, { ...resolved, name: names[index] ?? id, maxClosingPerUser: resolved.maxManagersPerUser }),
  );
  makeInspectable(specimens);
  const port = specimens.length === 1 ? Number(process.env['PORT'] ?? 0) : 0;
  const running = await Promise.all(specimens.map((specimen) => serveSpecimen(specimen, port)));
  process.once('SIGTERM', () => {
    // A faulty one may never finish closing.
    const closed = Promise.all(running.map((server) => server.close()));
    void within(closed, resolved.cleanupDeadlineMs + 100).then(() => process.exit(0));
  });
  for (const { url } of running) process.stdout.write(`listening on ${url}\n`);
}

await main();
