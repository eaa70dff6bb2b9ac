// @ts-check
// What each policy costs, alone and all together, beside bare ws, and what each way to refuse costs. README.md in the folder above says how to read it.
import { parseArgs } from 'node:util';
import { EVERY_POLICY, POLICIES } from './parts/policies.mjs';
import { printRows, Rows } from './parts/rows.mjs';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, all: { type: 'boolean', default: false } },
});
const batch = 250;
/** Many short rounds: two that are compared lie close together. */
const bench = await Rows.start({ rounds: values.quick ? 8 : 80, warmUps: values.quick ? 4 : 16 });

/** Against bare ws, whatever is switched on. */
const FLOORS = { 'connect + close': 1.1, echo: 1.03 };
const ECHO_CONNECTIONS = 50;
const ECHOES_EACH = Math.ceil((batch * 10) / ECHO_CONNECTIONS);

let isMet = true;
try {
  const { client } = bench;
  // What the measure itself is good for, and what any guard has to spend.
  const controls = [await bench.serve('bare ws, once more', ['bare']), await bench.serve('by hand', ['byHand'])];
  const guarded = await bench.serve('default options', ['guarded']);
  const rows = [await bench.serve('bare ws', ['bare']), ...controls, guarded];
  // The more servers take turns, the longer between two that are compared.
  const names = Object.keys(POLICIES).filter((name) => !values.all || name === EVERY_POLICY);
  for (const name of names) rows.push(await bench.serve(name, ['guarded', name]));
  await bench.measure(rows, batch, ({ port }) => client.ask('cycles', { port, count: batch }));
  isMet = printRows('connect + close', rows, FLOORS['connect + close'], controls) && isMet;

  for (const { port } of rows) await client.ask('hold', { port, count: ECHO_CONNECTIONS });
  await bench.measure(rows, ECHOES_EACH * ECHO_CONNECTIONS, (row) => {
    const from = rows.indexOf(row) * ECHO_CONNECTIONS;
    return client.ask('echoes', { from, to: from + ECHO_CONNECTIONS, each: ECHOES_EACH });
  });
  isMet = printRows('echo', rows, FLOORS.echo, controls) && isMet;
  await client.ask('release');

  const refusing = [guarded, ...(await Promise.all(['close', 'http', 'destroy'].map((kind) => bench.serve(`refused: ${kind}`, ['refusing', kind]))))]; // prettier-ignore
  await bench.measure(refusing, batch, ({ name, port }) =>
    client.ask(name.startsWith('refused') ? 'refusals' : 'cycles', { port, count: batch }),
  );
  printRows('refusals, beside connect + close of somebody admitted', refusing);
} finally {
  await bench.end();
}
process.exitCode = isMet ? 0 : 1;
