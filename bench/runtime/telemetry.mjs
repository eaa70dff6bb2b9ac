// @ts-check
// What it costs a server to tell of itself: for each connection, and for each look. README.md in the folder above says how to read it.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { printAdded, printRows, Rows, wholeMicrosOf } from './parts/rows.mjs';
import { TELEMETRY } from './parts/telemetry.mjs';

/** @import { Row, Taken } from './parts/rows.mjs' */

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    /** A floor of 2 % wants more rounds the less quiet the machine is. */
    rounds: { type: 'string' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 5 : 30));
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  console.error(`--rounds must be a whole number from 1 on, got ${JSON.stringify(values.rounds)}`);
  process.exit(2);
}
for (const name of values.only) {
  if (Object.hasOwn(TELEMETRY, name)) continue;
  console.error(`--only ${name}: known are ${Object.keys(TELEMETRY).join(', ')}`);
  process.exit(2);
}
const chosen = Object.entries(TELEMETRY).filter(([name]) => values.only.length === 0 || values.only.includes(name));
const FLOOR_RATIO = 1.02;
const FLOOR_SHARE = 0.02;
const batch = values.quick ? 300 : 1000;
/** Where no kernel carries the bytes an operation is quick: so many more rounds. */
const MEMORY_ROUNDS = 4;
/** Connections that are there all the time, to be counted at each look. */
const HELD = values.quick ? 500 : 2000;
const LOOKING_MS = values.quick ? 2000 : 6000;

const bench = await Rows.start({ rounds });
const { client } = bench;
let isMet = true;

/** @param {Row} row @param {string} name @param {number} everyMs `0`: not at all */
async function tell({ child, port }, name, everyMs) {
  await child.ask('tell', { isOn: everyMs > 0 ? 1 : 0, everyMs });
  const { stream } = TELEMETRY[name] ?? {};
  if (everyMs > 0 && stream !== undefined) await client.ask('read', { port, path: stream });
}

/** CPU of a server in a time in which nothing happens but looks, and how many these were. @param {Row} row @param {string} name @param {number} everyMs */
async function watched(row, name, everyMs) {
  await tell(row, name, everyMs);
  await delay(500);
  const { page } = TELEMETRY[name] ?? {};
  const { cpuMicros: before = NaN } = await row.child.ask('cpu');
  const beganAtMs = performance.now();
  while (performance.now() - beganAtMs < LOOKING_MS) {
    if (everyMs > 0 && page !== undefined) await client.ask('read', { port: row.port, path: page });
    await delay(everyMs > 0 ? everyMs : LOOKING_MS);
  }
  const { cpuMicros: after = NaN } = await row.child.ask('cpu');
  return (after - before) / (performance.now() - beganAtMs);
}

/** @param {readonly Taken[]} connect @param {readonly Taken[]} inMemory @param {number} [atMost] */
function print(connect, inMemory, atMost = FLOOR_RATIO) {
  isMet = printRows('connect + close', connect, atMost) && isMet;
  isMet = printAdded('connect + close', inMemory, wholeMicrosOf(connect[0]), atMost) && isMet;
}

try {
  for (const [name, { everyMs = 1000, isChoice = false }] of chosen) {
    if (name === 'nothing') {
      const rows = [await bench.serve('not imported', ['guarded']), await bench.serve('imported, and off', ['guarded', '', name])]; // prettier-ignore
      const connect = await bench.measure(rows, batch, ({ port }) => client.ask('cycles', { port, count: batch }));
      const pass = (/** @type {Row} */ { child }) => child.ask('pass', { count: batch });
      print(connect, await bench.measure(rows, batch, pass, pass, MEMORY_ROUNDS * rounds));
      continue;
    }
    // On and off in one process: two processes of the same code differ by more than is looked for.
    const off = await bench.serve(`without`, ['guarded', '', name]);
    const on = { ...off, name };
    const rows = [off, on];
    /** @param {(row: Row) => Promise<unknown>} work @param {number} times */
    const inTurns = (work, times) =>
      bench.measure(
        rows,
        batch,
        work,
        async (row) => {
          await tell(row, name, row === on ? everyMs : 0);
          // What is made, compiled and told once, when it is switched on, is not a connection's.
          await work(row);
        },
        times,
      );
    print(
      await inTurns(({ port }) => client.ask('cycles', { port, count: batch }), rounds),
      await inTurns(({ child }) => child.ask('pass', { count: batch }), MEMORY_ROUNDS * rounds),
      isChoice ? Infinity : FLOOR_RATIO,
    );
    await tell(off, name, 0);
  }

  console.log(`\nlooks at ${HELD} connections, at most ${FLOOR_SHARE * 100} % of a core`);
  for (const [name, { everyMs, quickMs }] of chosen) {
    if (everyMs === undefined || quickMs === undefined) continue;
    const row = await bench.serve(name, ['guarded', '', name]);
    await client.ask('hold', { port: row.port, count: HELD });
    // Once for the compiler.
    await watched(row, name, quickMs);
    const idle = await watched(row, name, 0);
    const busy = await watched(row, name, quickMs);
    await client.ask('release');
    const microsEach = (busy - idle) * quickMs;
    const share = microsEach / 1000 / everyMs;
    if (share > FLOOR_SHARE) isMet = false;
    console.log(
      `  ${name.padEnd(30)} ${microsEach.toFixed(0).padStart(7)} µs CPU a look, one each ${everyMs / 1000} s: ${(share * 100).toFixed(3)} % of a core${share > FLOOR_SHARE ? '   MISSED' : ''}`,
    );
  }
} finally {
  await bench.end();
}
process.exitCode = isMet ? 0 : 1;
