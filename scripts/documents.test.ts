import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { CHECK_OPTIONS } from '../packages/watertight/src/cli/option-table.ts';
import { parseIdentity } from '../packages/watertight/src/drive/identity.ts';
import { openLifeDrive } from '../packages/watertight/src/drive/lives.ts';
import { findRecipe } from '../packages/watertight/src/drive/recipes/catalogue.ts';
import { examplesIn, PACKAGE, runModule } from '../packages/server/test/examples.ts';
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

test('[B15, TK14] the relay of the README.md of watertight ends a connection to the server of its README.md', async () => {
  const examples = [...read('packages/watertight/README.md').matchAll(/^```js\n(.*?)^```/gms)].map(
    ([, code = '']) => code,
  );
  const server = examples.find((code) => code.startsWith('// server.mjs')) ?? '';
  const relay = examples.find((code) => code.includes('openRelay')) ?? '';
  // Beside packages/server, where modules are found.
  const file = join(PACKAGE, `server-of-the-readme-${process.pid}.mjs`);
  try {
    writeFileSync(file, server);
    const { exitCode, stdout, stderr } = await runModule(relay.replace('server.mjs', basename(file)));
    expect([exitCode, stdout, stderr]).toEqual([0, 'the server let go by fin\n', '']);
  } finally {
    rmSync(file, { force: true });
  }
});

test('[B15, TK15] the connection in memory of the README.md of watertight is reset', async () => {
  const [, code = ''] =
    /^```js\n((?:(?!^```).)*connectInMemory.*?)^```/ms.exec(read('packages/watertight/README.md')) ?? [];
  const { exitCode, stdout, stderr } = await runModule(code);
  expect([exitCode, stdout, stderr]).toEqual([0, 'closed: 1006\n', '']);
});

test('[B15] the recipe of the README.md of watertight is served', async () => {
  const [, text = ''] = /^```js\n(.*?)^```/ms.exec(read('packages/watertight/README.md')) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'watertight-'));
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/chat' });
  const said: string[] = [];
  try {
    writeFileSync(join(folder, 'join-a-room.mjs'), text);
    await once(server, 'listening');
    server.on('connection', (socket) =>
      socket.on('message', (data: Buffer) => {
        const { type } = JSON.parse(data.toString()) as { type: string };
        said.push(type);
        if (type === 'join') socket.send('{"type":"joined"}');
      }),
    );
    const lives = await openLifeDrive({
      url: new URL(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`),
      identity: parseIdentity(),
      recipe: await findRecipe('./join-a-room.mjs', { send: [] }, folder),
      random: () => 0,
      signal: new AbortController().signal,
    });
    const report = await lives.live({ user: 'ada', ending: 'close-frame', patienceMs: 2_000 });
    await lives.dispose();
    expect(report).toMatchObject({ served: true, failure: undefined, letGo: { how: 'fin' } });
    expect([said[0], said.at(-1)]).toEqual(['join', 'leave']);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});

test('[B16] the option table of the README.md of watertight is that of the command line', () => {
  // The formatter pads the columns.
  const page = read('packages/watertight/README.md').replaceAll(/ +(?=\|)/g, ' ');
  for (const row of optionRows(CHECK_OPTIONS)) expect(page).toContain(`${row}\n`);
  expect(page.match(/^\| `--/gm)).toHaveLength(CHECK_OPTIONS.length);
});
