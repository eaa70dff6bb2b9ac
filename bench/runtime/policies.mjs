// @ts-check
// What each policy costs, alone and all together, beside bare ws, and what each way to refuse costs. README.md in the folder above says how to read it.
import { parseArgs } from 'node:util';
import { Child } from './parts/asking.mjs';
import { median, medianWithInterval } from './parts/pairs.mjs';
import { EVERY_POLICY, POLICIES } from './parts/policies.mjs';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, all: { type: 'boolean', default: false } },
});
const rounds = values.quick ? 3 : 25;
const batch = values.quick ? 300 : 1000;

const client = await Child.start('./ws-client.mjs');
/** @type {Child[]} */
const children = [client];

/** @param {string} name @param {readonly string[]} args @returns {Promise<Row>} */
async function serve(name, args) {
  const child = await Child.start('./ws-server.mjs', args);
  children.push(child);
  const { port = 0 } = await child.ask('port');
  return { name, child, port, micros: [] };
}

/** @typedef {{ name: string, child: Child, port: number, micros: number[] }} Row `micros`: server CPU of an operation, one a round */

/**
 * Server CPU of one operation of each row, round by round, every other round backwards: what drifts hits all alike.
 *
 * @param {readonly Row[]} rows the first is what the others are compared with
 * @param {number} count operations a round
 * @param {(row: Row) => Promise<unknown>} work
 */
async function measure(rows, count, work) {
  for (let warmUp = 0; warmUp < 3; warmUp += 1) for (const row of rows) await work(row);
  for (const row of rows) row.micros = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const row of round % 2 === 0 ? rows : rows.toReversed()) {
      const { cpuMicros: before = NaN } = await row.child.ask('cpu');
      await work(row);
      const { cpuMicros: after = NaN } = await row.child.ask('cpu');
      row.micros.push((after - before) / count);
    }
  }
}

/** Against bare ws, whatever is switched on. */
const FLOORS = { 'connect + close': 1.1, echo: 1.03 };
let isMet = true;

/** Median of the fastest fifth. @param {readonly number[]} micros */
const quick = (micros) => median([...micros].sort((one, other) => one - other).slice(0, Math.ceil(micros.length / 5)));

/** @param {string} title @param {readonly Row[]} rows @param {number} [atMost] of the first row */
function print(title, rows, atMost) {
  console.log(`\n${title}${atMost === undefined ? '' : `, at most × ${atMost}`}`);
  for (const { name, micros } of rows) {
    const ratios = micros.map((value, round) => value / (rows[0]?.micros[round] ?? NaN));
    const { median: ratio, low, high } = medianWithInterval(ratios);
    // Other work on the machine disturbs the fastest rounds least.
    const fastest = quick(micros) / quick(rows[0]?.micros ?? []);
    const isOver = atMost !== undefined && ratio > atMost;
    if (isOver) isMet = false;
    console.log(
      `  ${name.padEnd(30)} ${median(micros).toFixed(1).padStart(7)} µs CPU   × ${ratio.toFixed(3)}   ${low.toFixed(3)} … ${high.toFixed(3)}   fastest × ${fastest.toFixed(3)}${isOver ? '   MISSED' : ''}`,
    );
  }
}

const ECHO_CONNECTIONS = 50;
const ECHOES_EACH = Math.ceil((batch * 10) / ECHO_CONNECTIONS);

try {
  const rows = [await serve('bare ws', ['bare']), await serve('default options', ['guarded'])];
  // The more servers take turns, the longer between two that are compared.
  const names = Object.keys(POLICIES).filter((name) => !values.all || name === EVERY_POLICY);
  for (const name of names) rows.push(await serve(name, ['guarded', name]));
  await measure(rows, batch, ({ port }) => client.ask('cycles', { port, count: batch }));
  print('connect + close', rows, FLOORS['connect + close']);

  for (const { port } of rows) await client.ask('hold', { port, count: ECHO_CONNECTIONS });
  await measure(rows, ECHOES_EACH * ECHO_CONNECTIONS, (row) => {
    const from = rows.indexOf(row) * ECHO_CONNECTIONS;
    return client.ask('echoes', { from, to: from + ECHO_CONNECTIONS, each: ECHOES_EACH });
  });
  print('echo', rows, FLOORS.echo);
  await client.ask('release');

  const refusing = [rows[1], ...(await Promise.all(['close', 'http', 'destroy'].map((kind) => serve(`refused: ${kind}`, ['refusing', kind]))))]; // prettier-ignore
  const compared = refusing.filter((row) => row !== undefined);
  await measure(compared, batch, ({ name, port }) =>
    client.ask(name.startsWith('refused') ? 'refusals' : 'cycles', { port, count: batch }),
  );
  print('refusals, beside connect + close of somebody admitted', compared);
} finally {
  await Promise.all(children.map((child) => child.end()));
}
process.exitCode = isMet ? 0 : 1;
