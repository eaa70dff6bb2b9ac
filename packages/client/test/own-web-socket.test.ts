import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test, vi } from 'vitest';
import { guarded } from './guarded-server.ts';
import { type Told, goesTheWholeWay, turnstile } from './visit.ts';

/** Another Node is tried with WATERTIGHT_TEST_NODE=/path/to/node; see scripts/test-runtimes.mjs. */
const NODE = process.env['WATERTIGHT_TEST_NODE'] ?? process.execPath;
const VISITOR = new URL('visitor.js', import.meta.url).href;

/** Node 20 has a WebSocket of its own only when asked; from 22 on it is there. */
function flagsFor(node: string): readonly string[] {
  const has = execFileSync(node, ['--print', 'typeof WebSocket'], { encoding: 'utf8' }).trim();
  return has === 'function' ? [] : ['--experimental-websocket', '--no-warnings'];
}

interface Visit {
  readonly told: Told[];
  /** Exit code, and whatever was complained of. */
  readonly ended: Promise<readonly [unknown, string]>;
}

/** In a Node of its own: nothing that this one has loaded stands in for its WebSocket. */
function visits(port: number): Visit {
  const url = `ws://127.0.0.1:${port}/?user=ada`;
  const program = `import { visit } from '${VISITOR}'; visit('${url}', (what) => console.log(JSON.stringify(what)));`;
  const child = spawn(NODE, [...flagsFor(NODE), '--input-type=module', '--eval', program], { stdio: 'pipe' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const told: Told[] = [];
  let complaints = '';
  createInterface(child.stdout).on('line', (line) => told.push(JSON.parse(line) as Told));
  child.stderr.on('data', (chunk: Buffer) => (complaints += String(chunk)));
  return { told, ended: new Promise((resolve) => child.once('close', (code) => resolve([code, complaints]))) };
}

test("[Z10] with Node's own WebSocket it is refused by close code, waits as long as asked, comes in, and stops where it is of no use", async () => {
  const server = await turnstile();
  const { told, ended } = visits(server.port);
  await goesTheWholeWay(server, async () => told);
  // Nothing of it keeps the process alive once it has stopped.
  expect(await ended).toEqual([0, '']);
});

test("[Z10] of a refusal over HTTP Node's own WebSocket tells nothing but 1006, and it comes back", async () => {
  const { port, factory, wss } = await guarded();
  wss.on('connection', (socket) => socket.send('hello'));
  factory.setOverride('ada', { maxManagers: 0 });
  const { told, ended } = visits(port);
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(1), { timeout: 60_000, interval: 20 });
  factory.clearOverride('ada');
  await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ heard: 'hello' }), { timeout: 60_000, interval: 20 });
  for (const wait of told.slice(0, -1)) expect(wait).toMatchObject({ code: 1006, retry: 'retry', retryAfterMs: null });
  await factory.closeAllForUser('ada', 'away');
  wss.removeAllListeners('connection').on('connection', (socket) => socket.close(4401));
  await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ stopped: 4401 }), { timeout: 60_000, interval: 20 });
  expect(await ended).toEqual([0, '']);
});
