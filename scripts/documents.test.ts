import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHECK_OPTIONS } from '../packages/watertight/src/cli/option-table.ts';
import { examplesIn, runModule } from '../packages/server/test/examples.ts';
import { optionRows } from './option-rows.mjs';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** What a reader of the example would do next: open a socket, get a tick, and leave. */
const VISIT = `
import { once } from 'node:events';
import { WebSocket } from 'ws';
await once(server, 'listening');
const visitor = new WebSocket('ws://127.0.0.1:' + server.address().port + '/?user=ada');
const [tick] = await once(visitor, 'message');
console.log(String(tick));
visitor.close();
while (factory.stats().released.total === 0) await new Promise((resolve) => setTimeout(resolve, 5));
await factory.close();
server.close();
`;

test('[B15] the example of README.md serves, ticks and lets go', async () => {
  const [example = ''] = examplesIn('../../README.md');
  expect(example).toContain('server.listen(3000');
  const { exitCode, stdout, stderr } = await runModule(
    example.replace('server.listen(3000', 'server.listen(0') + VISIT,
  );
  expect([exitCode, stdout, stderr]).toEqual([0, 'tick\ngone\n', '']);
});

test('[B15] the example of the README.md of watertight runs', async () => {
  const [, typed = ''] = /^```ts\n(.*?)^```/ms.exec(read('packages/watertight/README.md')) ?? [];
  expect(typed).toContain('assertClean');
  const { exitCode, stderr } = await runModule(typed.replace('<string, number>', ''));
  expect([exitCode, stderr]).toEqual([0, '']);
});

test('[B16] the option table of the README.md of watertight is that of the command line', () => {
  // The formatter pads the columns.
  const page = read('packages/watertight/README.md').replaceAll(/ +(?=\|)/g, ' ');
  for (const row of optionRows(CHECK_OPTIONS)) expect(page).toContain(`${row}\n`);
  expect(page.match(/^\| `--/gm)).toHaveLength(CHECK_OPTIONS.length);
});
