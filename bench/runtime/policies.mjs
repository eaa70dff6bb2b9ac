// @ts-check
// What each policy costs, alone and all together, beside bare ws, and what each way to refuse costs. README.md in the folder above says how to read it.
import { parseArgs } from 'node:util';
import { MEMORY_BATCHES } from './parts/pairs.mjs';
import { CHOICES, EVERY_POLICY, POLICIES } from './parts/policies.mjs';
import { joined, printAdded, printRows, Rows, wholeMicrosOf } from './parts/rows.mjs';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    /** Every policy together, and none alone. */
    all: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    /** Only what is added where no kernel carries the bytes, in µs: fine enough to tell one policy from another. */
    memory: { type: 'boolean', default: false },
  },
});
for (const name of values.only) {
  if (Object.hasOwn(POLICIES, name)) continue;
  console.error(`--only ${name}: known are ${Object.keys(POLICIES).join(', ')}`);
  process.exit(2);
}
/** Two starts of the same code differ: several of them, and many short rounds, so that two that are compared lie close together. */
const STARTS = values.quick ? 1 : 4;
const size = values.quick ? { rounds: 8, warmUps: 4 } : { rounds: 20, warmUps: 32 };
const batch = 250;
/** Against bare ws, whatever is switched on. */
const FLOORS = { connect: 1.1, echo: 1.03 };
const ECHO_CONNECTIONS = 50;
const ECHOES_EACH = Math.ceil((batch * 10) / ECHO_CONNECTIONS);
/** What the measure itself is good for, and what any guard has to spend. @type {Readonly<Record<string, readonly string[]>>} */
const CONTROLS = { 'bare ws, once more': ['bare'], 'by hand': ['byHand'] };
const controls = new Set([...Object.keys(CONTROLS), ...Object.keys(CHOICES)]);
/** The more servers take turns, the longer between two that are compared. */
const names = Object.keys(POLICIES).filter(
  (name) => (!values.all || name === EVERY_POLICY) && (values.only.length === 0 || values.only.includes(name)),
);

/** Runs `work` with new processes; they are gone afterwards. @template Answer @param {(bench: Rows) => Promise<Answer>} work */
async function withBench(work) {
  const bench = await Rows.start(size);
  try {
    return await work(bench);
  } finally {
    await bench.end();
  }
}

/** @param {Rows} bench */
async function measureOnce(bench) {
  const { client } = bench;
  const rows = [await bench.serve('bare ws', ['bare'])];
  for (const [name, args] of Object.entries(CONTROLS)) rows.push(await bench.serve(name, args));
  rows.push(await bench.serve('default options', ['guarded']));
  for (const name of names) rows.push(await bench.serve(name, ['guarded', name]));
  // What it is compared with is measured in any case.
  const overSockets = values.memory ? rows.slice(0, 1) : rows;
  const connect = await bench.measure(overSockets, batch, ({ port }) => client.ask('cycles', { port, count: batch }));
  const count = MEMORY_BATCHES * batch;
  const connectInMemory = await bench.measure(rows, count, ({ child }) => child.ask('pass', { count }));

  for (const { port } of overSockets) await client.ask('hold', { port, count: ECHO_CONNECTIONS });
  const echo = await bench.measure(overSockets, ECHOES_EACH * ECHO_CONNECTIONS, (row) => {
    const from = rows.indexOf(row) * ECHO_CONNECTIONS;
    return client.ask('echoes', { from, to: from + ECHO_CONNECTIONS, each: ECHOES_EACH });
  });
  await client.ask('release');
  const each = MEMORY_BATCHES * ECHOES_EACH;
  const echoInMemory = await bench.measure(rows, each * ECHO_CONNECTIONS, ({ child }) =>
    child.ask('speak', { connections: ECHO_CONNECTIONS, each }),
  );
  for (const { child } of rows) await child.ask('hush');
  return { connect, connectInMemory, echo, echoInMemory };
}

const starts = [];
for (let start = 0; start < STARTS; start += 1) starts.push(await withBench(measureOnce));
const connect = joined(starts.map((start) => start.connect));
const connectInMemory = joined(starts.map((start) => start.connectInMemory));
const echo = joined(starts.map((start) => start.echo));
const echoInMemory = joined(starts.map((start) => start.echoInMemory));
const met = [
  printRows('connect + close', connect, FLOORS.connect, controls),
  printAdded('connect + close', connectInMemory, wholeMicrosOf(connect[0]), FLOORS.connect, controls),
  printRows('echo', echo, FLOORS.echo, controls),
  printAdded('echo', echoInMemory, wholeMicrosOf(echo[0]), FLOORS.echo, controls),
];

if (!values.memory) {
  const refusals = await withBench(async (bench) => {
    const rows = [await bench.serve('default options', ['guarded'])];
    for (const kind of ['close', 'http', 'destroy'])
      rows.push(await bench.serve(`refused: ${kind}`, ['refusing', kind]));
    return bench.measure(rows, batch, ({ name, port }) =>
      bench.client.ask(name.startsWith('refused') ? 'refusals' : 'cycles', { port, count: batch }),
    );
  });
  printRows('refusals, beside connect + close of somebody admitted', refusals);
}
process.exitCode = met.every(Boolean) ? 0 : 1;
