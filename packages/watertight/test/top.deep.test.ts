import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FactoryStats } from '@watertight/server';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { poll } from '../src/evidence/poll.ts';
import { renderOverview } from '../src/report/overview.ts';
import { listenersOf } from '../src/target/listening.ts';
import { runCli, startCli } from './cli-process.ts';
import { inspectorIn } from './inspector-in.ts';

const SPECIMEN = fileURLToPath(new URL('../dist/programs/specimen.js', import.meta.url));
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function specimen(): Promise<{ process: ChildProcess; pid: number; url: string }> {
  const child = spawn(process.execPath, [SPECIMEN, '--limit', '3'], { stdio: ['ignore', 'pipe', 'ignore'] });
  ends.push(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { process: child, pid: child.pid ?? 0, url: line.toString().replace('listening on ', '').trim() };
}

async function connect(url: string, user: string): Promise<void> {
  const socket = new WebSocket(`${url}?user=${user}`);
  ends.push(() => socket.terminate());
  await once(socket, 'open');
}

test('[C21] who holds how much in a running process is shown, and its inspector is closed again', async () => {
  const { pid, url } = await specimen();
  for (let count = 0; count < 3; count += 1) await connect(url, 'ada');
  await connect(url, 'bob');
  const { code, stdout, stderr } = await runCli(['top', String(pid), '--once']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^healthy, open, in process \d+\n/);
  expect(stdout).toContain('4 active, 0 pending, 0 closing; none without connection');
  expect(stdout).toMatch(/\nada +3 +3 +0 +3 +0 +at the limit\nbob +1 +3 +0 +1 +0\n/);
  // Who looks into a process is told nothing of these.
  expect(stdout).toMatch(/\nnodes +–\nstore +–\nloop delay +–\nalerts +–\n/);
  expect(listenersOf([pid])).toHaveLength(1);
});

test('[C21] the same is shown through an inspector that was open already, and it stays open', async () => {
  const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', SPECIMEN, '--limit', '3'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ends.push(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const place = inspectorIn(child.stderr);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  await connect(line.toString().replace('listening on ', '').trim(), 'ada');
  const address = await place;
  const pids = [child.pid ?? 0];
  const before = listenersOf(pids);
  const { code, stdout, stderr } = await runCli(['top', address, '--once']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^healthy, open, in process \d+\n/);
  expect(stdout).toMatch(/\nada +1 +3 +0 +1 +0\n/);
  expect(listenersOf(pids)).toEqual(before);
  expect(before.map(({ host, port }) => `${host}:${port}`)).toContain(address);
});

test('[C21] with --json each look is one line, until it is interrupted', async () => {
  const { pid, url } = await specimen();
  const running = startCli(['top', String(pid), '--json', '--interval', '100']);
  const lines = (): readonly FactoryStats[] =>
    running
      .output()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as FactoryStats);
  await running.shows('\n');
  await connect(url, 'ada');
  const { reached } = await poll(lines, (seen) => seen.at(-1)?.active === 1, { deadlineMs: 10_000 });
  expect(reached).toBe(true);
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  expect(lines()[0]?.active).toBe(0);
});

test('[C26] it ends, and closes the inspector, when nobody reads any more', async () => {
  const { pid } = await specimen();
  const running = startCli(['top', String(pid), '--json', '--interval', '100']);
  await running.shows('\n');
  running.child.stdout?.destroy();
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  expect(listenersOf([pid])).toHaveLength(1);
});

test('[C26] an error of its own is said, and is no success', async () => {
  const { pid } = await specimen();
  // As soon as somebody would hear of it, and not before. What it starts inherits it, and must not live on by it.
  const failing = `const timer = setInterval(() => {
    if (process.listenerCount('uncaughtException') === 0) return;
    clearInterval(timer);
    throw new Error('boom');
  }, 20).unref();`;
  const nodeOptions = `--import data:text/javascript,${encodeURIComponent(failing)}`;
  const running = startCli(['top', String(pid)], { env: { NODE_OPTIONS: nodeOptions } });
  const { code, stderr } = await running.ended;
  expect([code, stderr]).toEqual([3, expect.stringContaining('watertight itself failed: Error: boom')]);
  expect(listenersOf([pid])).toHaveLength(1);
});

test('[C22] what cannot be watched is said with what was given', async () => {
  const told = async (...args: string[]): Promise<unknown> => {
    const { code, stderr } = await runCli(['top', ...args]);
    return [code, stderr];
  };
  expect(await told('hello')).toEqual([2, expect.stringMatching(/top "hello": expected a process id such as 4711/)]);
  expect(await told('4711', '--interval', '5')).toEqual([
    2,
    expect.stringMatching(/--interval is "5"; expected 100 to 3600000 milliseconds/),
  ]);
  expect(await told('127.0.0.1:1')).toEqual([3, expect.stringMatching(/127\.0\.0\.1:1: nobody answers there/)]);
  const plain = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("ready")'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  ends.push(async () => {
    plain.kill('SIGKILL');
    await once(plain, 'exit');
  });
  await once(plain.stdout, 'data');
  expect(await told(String(plain.pid))).toEqual([
    3,
    expect.stringMatching(/has no open factory of @watertight\/server\n$/),
  ]);
});

test('[C23] what a user calls itself moves no cursor, and a sweep that does not run is shouted', async () => {
  const { pid } = await specimen();
  const { code, stdout, stderr } = await runCli(['top', String(pid), '--once', '--json']);
  expect(code, stderr).toBe(0);
  const stats = JSON.parse(stdout) as FactoryStats;
  const user = { user: 'a\u001b[2Jb\n', held: 1, pending: 0, active: 1, closing: 0, limit: false } as const;
  const odd: FactoryStats = {
    ...stats,
    perUser: [user],
    users: 5,
    withoutConnection: 1,
    oldestWithoutConnectionAgeMs: 61_000,
    created: 30,
    sweep: { ...stats.sweep, running: false },
  };
  const before = { ...stats, created: 10, takenAtMs: stats.takenAtMs - 2_000 };
  const text = renderOverview(odd, before, { sweepIntervalMs: 30_000 } as never, { pid });
  expect(text).not.toContain('\u001b');
  expect(text).toContain(String.raw`a\u{1b}[2Jb\n`);
  expect(text).toContain('1 without connection, the oldest for 61.0 s');
  expect(text).toContain('per second 10 created');
  expect(text).toContain('NOT RUNNING');
  expect(text).toContain('and 4 users with no more than the last of these');
});

test('[C21] the same is shown from the URL of a dashboard, whose token stands in the environment', async () => {
  const fixture = fileURLToPath(new URL('fixtures/dashboard-server.mjs', import.meta.url));
  const child = spawn(process.execPath, [fixture], { stdio: ['ignore', 'pipe', 'inherit'] });
  ends.push(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const url = line.toString().trim();
  const env = { WATERTIGHT_DASHBOARD_TOKEN: '0123456789abcdef' };
  const { code, stdout } = await runCli(['top', url, '--once'], { env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^chat, open, in process \d+\n/);
  expect(stdout).toMatch(/\nada +1 +3 +0 +1 +0/);
  expect(stdout).toMatch(/\nnodes +1; limits hold for this process alone\nstore +none\n/);
  expect(stdout).toMatch(/\nloop delay +p50 [\d.]+ m?s, p99 [\d.]+ m?s, at most [\d.]+ m?s\nalerts +none\n/);
  const stranger = await runCli(['top', url, '--once']);
  expect([stranger.code, stranger.stderr]).toEqual([3, expect.stringContaining('WATERTIGHT_DASHBOARD_TOKEN')]);
  const other = await runCli(['top', url, '--once', '--factory', 'none'], { env });
  expect([other.code, other.stderr]).toEqual([3, expect.stringContaining('no factory named "none"')]);
});

test('[C27] from the URL of a dashboard nodes, a store that is away and what fires are shown as well', async () => {
  const fixture = fileURLToPath(new URL('fixtures/nodes-server.mjs', import.meta.url));
  const child = spawn(process.execPath, [fixture], { stdio: ['pipe', 'pipe', 'inherit'] });
  ends.push(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const running = startCli(['top', line.toString().trim(), '--interval', '200']);
  await running.shows('2; leases of this one: 1, and 0 lost\nstore            memory answers\n');
  await running.shows('FIRING: ');
  expect(running.output()).toMatch(/\nalerts +\d FIRING: .*\w+ Watertight\w+ .*since \d{4}-\d\d-\d\dT/);
  child.stdin.write('\n');
  await running.shows('memory DOES NOT ANSWER for ');
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
});
