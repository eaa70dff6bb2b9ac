// @ts-check
// What the runtime costs, against control rows that do not use it. README.md in the folder above says how to read it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { acquireAndRelease, connectAndClose, echo, heapPerConnection } from './parts/measure.mjs';
import { EVERY_POLICY } from './parts/policies.mjs';
import { table } from './parts/table.mjs';

/** @import { Result } from './parts/measure.mjs' */

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', multiple: true, default: [] } },
});
/** Two starts of the same code differ: many of them, and short rounds. */
const size = (/** @type {number} */ batch) =>
  values.quick ? { starts: 1, rounds: 8, batch } : { starts: 8, rounds: 12, batch };
/** Filling a process with managers takes longer than measuring it. */
const few = (/** @type {number} */ batch) =>
  values.quick ? { starts: 1, rounds: 5, batch } : { starts: 3, rounds: 10, batch };

const idle = { rounds: values.quick ? 1 : 3, batch: values.quick ? 2000 : 10_000 };
const live = {
  'live-1k': { ...few(500_000), live: 1000 },
  'live-100k': { ...few(200_000), live: 100_000 },
  'live-1m': { ...few(200_000), live: 1_000_000 },
};
const policy = EVERY_POLICY;

/** @type {Record<string, () => Promise<Result[]>>} */
const MEASUREMENTS = {
  connect: () => connectAndClose(size(250)),
  echo: () => echo(size(5000)),
  heap: () => heapPerConnection(idle),
  'live-1k': () => acquireAndRelease(live['live-1k']),
  'live-100k': () => acquireAndRelease(live['live-100k']),
  'live-1m': () => acquireAndRelease(live['live-1m']),
  'heap-policies': () => heapPerConnection({ ...idle, policy }),
  'live-1k-policies': () => acquireAndRelease({ ...live['live-1k'], policy }),
  'live-100k-policies': () => acquireAndRelease({ ...live['live-100k'], policy }),
  'live-1m-policies': () => acquireAndRelease({ ...live['live-1m'], policy }),
};

for (const name of values.only) {
  if (!Object.hasOwn(MEASUREMENTS, name)) {
    console.error(`--only ${name}: known are ${Object.keys(MEASUREMENTS).join(', ')}`);
    process.exit(2);
  }
}

const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`;
console.log(`${machine}; Node.js ${process.version}${values.quick ? '; quick: rough figures' : ''}`);

/** @type {Result[]} */
const results = [];
for (const [name, measure] of Object.entries(MEASUREMENTS)) {
  if (values.only.length > 0 && !values.only.includes(name)) continue;
  process.stderr.write(`measuring ${name} …\n`);
  const measured = await measure();
  results.push(...measured);
  process.stderr.write(`${table(measured).split('\n').slice(2).join('\n')}\n`);
}
console.log(`\n${table(results)}`);

const folder = new URL('results/', import.meta.url);
mkdirSync(folder, { recursive: true });
const record = { takenAt: new Date().toISOString(), machine, node: process.version, quick: values.quick, results };
writeFileSync(new URL('latest.json', folder), `${JSON.stringify(record, null, 2)}\n`);
console.log(`\n${fileURLToPath(new URL('latest.json', folder))}`);
process.exitCode = results.some(({ verdict }) => verdict === 'missed') ? 1 : 0;
