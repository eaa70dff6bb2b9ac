import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { listenersOf } from '../src/target/listening.ts';
import { familyOf } from '../src/target/proc.ts';
import { runCli } from './cli-process.ts';
import { QUICK } from './observed-traffic.ts';

const IDLE: readonly string[] = [...QUICK, '--window', '250ms', '--for', '4s'];

/** Starts a program in a group of its own, which is ended with the test, and waits until somebody in it listens. */
async function listening(name: string): Promise<{ pid: number; listenerPid: number }> {
  const file = fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
  const child = spawn(process.execPath, [file], { stdio: 'ignore', detached: true });
  const ended = once(child, 'exit');
  const pid = child.pid ?? 0;
  onTestFinished(async () => {
    process.kill(-pid, 'SIGKILL');
    await ended;
  });
  const listenerPid = await vi.waitFor(
    () => listenersOf(familyOf(pid))[0]?.pid ?? Promise.reject(new Error('nobody')),
    {
      timeout: 20_000,
      interval: 10,
    },
  );
  return { pid, listenerPid };
}

test('[OB7] a wrapper is followed to the server behind it, which is said', async () => {
  const { pid, listenerPid } = await listening('parent.mjs');
  expect(listenerPid).not.toBe(pid);
  const { stdout, stderr } = await runCli(['observe', String(pid), '--json', '--for', '1s']);
  expect(JSON.parse(stdout.split('\n', 1)[0] ?? '')).toMatchObject({ type: 'begin', pid: listenerPid });
  expect(stderr).toMatch(
    new RegExp(`process ${pid} \\(.*\\) takes no connections itself: process ${listenerPid} \\(.*\\) behind it does`),
  );
});

test('[OB7] the workers of a cluster are named, and none of them is taken by chance', async () => {
  const { pid } = await listening('clustered.mjs');
  const { code, stdout, stderr } = await runCli(['observe', String(pid), '--for', '1s']);
  expect([code, stdout]).toEqual([3, '']);
  const workers = familyOf(pid).filter((one) => one !== pid);
  expect(workers).toHaveLength(2);
  for (const worker of workers) expect(stderr).toContain(`process ${worker} (`);
  const one = await runCli(['observe', String(workers[0]), '--json', '--for', '1s']);
  expect(one.stderr).toBe('');
  expect(JSON.parse(one.stdout.split('\n', 1)[0] ?? '')).toMatchObject({ pid: workers[0] });
});

test('[OB6, OB7] nothing is concluded of a process to which nobody connects', async () => {
  const { pid } = await listening('ws-server.mjs');
  const { code, stdout } = await runCli(['observe', String(pid), ...IDLE, '--json']);
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    type: 'summary',
    growing: [],
    noTraffic: expect.stringContaining('no connection was accepted in all that time') as string,
  });
  expect(code).toBe(3);
});
