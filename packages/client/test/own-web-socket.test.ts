import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { type Told, goesTheWholeWay, turnstile } from './visit.ts';

/** Another Node is tried with WATERTIGHT_TEST_NODE=/path/to/node; see scripts/test-runtimes.mjs. */
const NODE = process.env['WATERTIGHT_TEST_NODE'] ?? process.execPath;
const VISITOR = new URL('visitor.js', import.meta.url).href;

/** Node 20 has a WebSocket of its own only when asked; from 22 on it is there. */
function flagsFor(node: string): readonly string[] {
  const has = execFileSync(node, ['--print', 'typeof WebSocket'], { encoding: 'utf8' }).trim();
  return has === 'function' ? [] : ['--experimental-websocket', '--no-warnings'];
}

test("[Z10] with Node's own WebSocket it is refused by close code, waits as long as asked, comes in, and stops where it is of no use", async () => {
  const server = await turnstile();
  const url = `ws://127.0.0.1:${server.port}/?user=ada`;
  const program = `import { visit } from '${VISITOR}'; visit('${url}', (what) => console.log(JSON.stringify(what)));`;
  const child = spawn(NODE, [...flagsFor(NODE), '--input-type=module', '--eval', program], { stdio: 'pipe' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const told: Told[] = [];
  let complaints = '';
  createInterface(child.stdout).on('line', (line) => told.push(JSON.parse(line) as Told));
  child.stderr.on('data', (chunk: Buffer) => (complaints += String(chunk)));
  const ended = new Promise((resolve) => child.once('close', resolve));
  await goesTheWholeWay(server, async () => told);
  // Nothing of it keeps the process alive once it has stopped.
  expect([await ended, complaints]).toEqual([0, '']);
});
