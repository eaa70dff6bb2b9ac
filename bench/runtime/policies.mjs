// @ts-check
// What each policy costs, alone and all together, beside bare ws, and what each way to refuse costs. README.md in the folder above says how to read it.
import { parseArgs } from 'node:util';
import { EVERY_POLICY, POLICIES } from './parts/policies.mjs';
import { printRows, Rows } from './parts/rows.mjs';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, all: { type: 'boolean', default: false } },
});
const batch = values.quick ? 300 : 1000;
const bench = await Rows.start({ rounds: values.quick ? 3 : 25 });

/** Against bare ws, whatever is switched on. */
const FLOORS = { 'connect + close': 1.1, echo: 1.03 };
const ECHO_CONNECTIONS = 50;
const ECHOES_EACH = Math.ceil((batch * 10) / ECHO_CONNECTIONS);

let isMet = true;
try {
  const { client } = bench;
  const rows = [await bench.serve('bare ws', ['bare']), await bench.serve('default options', ['guarded'])];
  // The more servers take turns, the longer between two that are compared.
  const names = Object.keys(POLICIES).filter((name) => !values.all || name === EVERY_POLICY);
  for (const name of names) rows.push(await bench.serve(name, ['guarded', name]));
  await bench.measure(rows, batch, ({ port }) => client.ask('cycles', { port, count: batch }));
  isMet = printRows('connect + close', rows, FLOORS['connect + close']) && isMet;

  for (const { port } of rows) await client.ask('hold', { port, count: ECHO_CONNECTIONS });
  await bench.measure(rows, ECHOES_EACH * ECHO_CONNECTIONS, (row) => {
    const from = rows.indexOf(row) * ECHO_CONNECTIONS;
    return client.ask('echoes', { from, to: from + ECHO_CONNECTIONS, each: ECHOES_EACH });
  });
  isMet = printRows('echo', rows, FLOORS.echo) && isMet;
  await client.ask('release');

  const refusing = [rows[1], ...(await Promise.all(['close', 'http', 'destroy'].map((kind) => bench.serve(`refused: ${kind}`, ['refusing', kind]))))]; // prettier-ignore
  const compared = refusing.filter((row) => row !== undefined);
  await bench.measure(compared, batch, ({ name, port }) =>
    client.ask(name.startsWith('refused') ? 'refusals' : 'cycles', { port, count: batch }),
  );
  printRows('refusals, beside connect + close of somebody admitted', compared);
} finally {
  await bench.end();
}
process.exitCode = isMet ? 0 : 1;
