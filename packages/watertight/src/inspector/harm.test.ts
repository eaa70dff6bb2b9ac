import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { listenersOf } from '../target/listening.ts';
import { executableOf, isAlive, processRecord } from '../target/proc.ts';
import { openDoor, openInsideView } from './open.ts';
import { openTargetInside } from './open-target.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of leftovers.splice(0).toReversed()) await end();
});

/** Starts a program and waits for its first line. */
async function run(file: string, args: readonly string[], uid?: number): Promise<ChildProcess & { pid: number }> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], ...(uid === undefined ? {} : { uid }) });
  leftovers.push(() => child.kill('SIGKILL'));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${file} did not start`);
  await once(child.stdout, 'data');
  return Object.assign(child, { pid });
}

const server = (...args: string[]): Promise<ChildProcess & { pid: number }> =>
  run(process.execPath, ['--inspect-port=0', ...args, fixture('ws-server.mjs')]);

const portsOf = (pid: number): number[] => listenersOf([pid]).map((it) => it.port);

const lives = (pid: number): boolean => {
  const record = processRecord(pid);
  return record !== undefined && isAlive(record);
};

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 8_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('not within 8 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function refusal(pid: number): Promise<string> {
  try {
    leftovers.push((await openDoor(pid, { timeoutMs: 300 })).close);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('it opened');
}

test.each(['exit', 'crash', 'SIGINT', 'SIGTERM', 'SIGKILL'])(
  '[I30] an inspector we opened is closed when the tool ends by %s, and its process serves on',
  async (how) => {
    const target = await server();
    const before = portsOf(target.pid);
    const args = [fixture('guarded-tool.mjs'), String(target.pid), how];
    const tool = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    leftovers.push(() => tool.kill('SIGKILL'));
    const [said] = (await once(tool.stdout, 'data')) as [Buffer];
    const port = Number(/open 127\.0\.0\.1:(\d+)/.exec(said.toString())?.[1]);
    expect(port).toBeGreaterThan(0);
    if (how.startsWith('SIG')) tool.kill(how as NodeJS.Signals);
    await until(() => !portsOf(target.pid).includes(port));
    expect(portsOf(target.pid)).toEqual(before);
    const socket = new WebSocket(`ws://127.0.0.1:${before[0]}/`);
    await once(socket, 'open');
    socket.terminate();
    expect(lives(target.pid)).toBe(true);
  },
);

test('[I31] the run says which inspector it opened, where, and that it was closed', async () => {
  const { pid } = await server();
  const before = portsOf(pid);
  const opened = await openTargetInside({ pids: [pid], isOurs: false });
  const port = portsOf(pid).find((it) => !before.includes(it)) ?? 0;
  expect(opened.notes).toEqual([
    `opened the inspector of process ${pid} on 127.0.0.1:${port}, for this machine alone; it is closed again at the end`,
  ]);
  expect(await opened.close()).toEqual([`closed the inspector of process ${pid} on 127.0.0.1:${port}`]);
  expect(portsOf(pid)).not.toContain(port);
});

test.each(['0.0.0.0', '127.elsewhere.example'])(
  '[I32] nothing is opened that others than this machine could reach: %s',
  async (host) => {
    const { pid } = await server(`--inspect-port=${host}:0`);
    const before = portsOf(pid);
    expect(await refusal(pid)).toContain('for others than this machine as well (--inspect-port), and is not asked to');
    expect(portsOf(pid)).toEqual(before);
  },
);

test('[I33] what is in the way is said in a sentence each: what, what can be known all the same, what would help', async () => {
  const python = await run('python3', ['-uc', 'import time; print("ready"); time.sleep(60)']);
  expect(await refusal(python.pid)).toMatch(
    /^process \d+ runs python3[\d.]*, not Node, and would die of the signal that opens an inspector\. Still known: what clients see .*, and from \/proc its sockets by state, descriptors, children, threads and memory\. Nothing can be looked into here/,
  );
  expect(lives(python.pid)).toBe(true);
});

/** A program that goes by the name of Node, which is all that is known of one from outside: it has no handler for the signal. */
function nodeWithoutHandler(): string {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-harm-'));
  leftovers.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'node');
  copyFileSync('/bin/sleep', file);
  return file;
}

/** As newer versions of Node leave the signal under `--disable-sigusr1`: no handler, and blocked in every thread. */
const BLOCK = 'use POSIX; sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGUSR1)); ';

test.each([
  [
    'without a handler',
    '',
    /^process \d+ has no handler for SIGUSR1: the signal would end it, and is not sent\. Still/,
  ],
  [
    '--disable-sigusr1',
    BLOCK,
    /^process \d+ has switched off the signal that opens an inspector \(--disable-sigusr1\)\. Still/,
  ],
])('[I3, I33] a Node %s is not signalled, lives, and how to look inside is said', async (_how, before, sentence) => {
  const start = `$| = 1; ${before}print "ready\\n"; exec { $ARGV[0] } "node", "60"`;
  const { pid } = await run('perl', ['-e', start, nodeWithoutHandler()]);
  await until(() => executableOf(pid) === 'node');
  const said = await refusal(pid);
  expect(said).toMatch(sentence);
  expect(said).toContain(
    'Start it with --inspect=127.0.0.1:0 and give the address it prints as --inspect to look inside.',
  );
  expect(lives(pid)).toBe(true);
});

test('[I33] a process of another user is not signalled, and what procfs shows of it is said', async () => {
  if (process.getuid?.() !== 0) return;
  const { pid } = await server();
  const script = `import { openDoor } from ${JSON.stringify(new URL('../../dist/inspector/open.js', import.meta.url).href)};
    openDoor(${pid}).catch((error) => console.log(error.message));`;
  const stranger = spawn(process.execPath, ['--input-type=module', '-e', script], { uid: 65_534, cwd: '/' });
  leftovers.push(() => stranger.kill('SIGKILL'));
  const [said] = (await once(stranger.stdout, 'data')) as [Buffer];
  expect(said.toString()).toMatch(
    /belongs to somebody else \(user id 0, we are 65534\) and may not be signalled by us\. Still known: .* but neither sockets nor descriptors\. Run this check as that user/,
  );
  expect(portsOf(pid)).toHaveLength(1);
});

test('[I34] a view leaves the listeners of the process as they were', async () => {
  const { pid } = await server();
  const view = await openInsideView(pid);
  const before = await view.processListeners();
  await view.close();
  const again = await openInsideView(pid);
  expect(await again.processListeners()).toEqual(before);
  await again.close();
});
