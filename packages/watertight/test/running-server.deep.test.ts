import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { listenersOf } from '../src/target/listening.ts';
import type { CheckResult } from '../src/verdict/types.ts';
import { ENDS_WITHIN_MS, newFolder } from './channel-check.ts';
import { startCli } from './cli-process.ts';

const SERVER = fileURLToPath(new URL('servers/keeps-sessions.mjs', import.meta.url));
const OPTIONS = [
  '--only',
  'rapid-connection-cycles-stress',
  '--cycles',
  '30',
  '--settle',
  '500',
  '--no-trace',
  '--bail',
];
const LONG = ['--only', 'rapid-connection-cycles-stress', '--cycles', '20000'];

/** A server that somebody else started. */
async function startServer(...node: string[]): Promise<{ readonly pid: number; readonly said: () => string }> {
  const child = spawn(process.execPath, [...node, SERVER, 'leaky'], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += String(chunk)));
  await once(child.stdout, 'data');
  return { pid: child.pid ?? 0, said: () => said };
}

const portsOf = (pid: number): number[] =>
  listenersOf([pid])
    .map(({ port }) => port)
    .toSorted((one, other) => one - other);

async function expectServing(port: number | undefined): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  await once(socket, 'open');
  socket.terminate();
}

/** The first leak that was named, and what was said on the way. */
async function examine(...way: string[]): Promise<{ readonly leak: unknown; readonly stderr: string }> {
  const folder = newFolder();
  const json = join(folder, 'result.json');
  const running = startCli(['check', ...OPTIONS, '--json', json, ...way], { cwd: folder, deadlineMs: ENDS_WITHIN_MS });
  const { code, stdout, stderr } = await running.ended;
  expect(code, stdout + stderr).toBe(1);
  const { scenarios } = JSON.parse(readFileSync(json, 'utf8')) as CheckResult;
  return { leak: scenarios[0]?.findings[0], stderr };
}

const ONE_SESSION = {
  name: 'Session',
  growth: { is: 'leak', perCycle: 1, exact: true },
  definedAt: { file: expect.stringContaining('keeps-sessions.mjs') as string },
};

test(
  '[K10, I30] with --pid a leak of a running server is named, and its inspector is closed again',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { pid } = await startServer('--inspect-port=0');
    const before = portsOf(pid);
    expect(before).toHaveLength(1);
    const { leak, stderr } = await examine('--pid', String(pid));
    expect(leak).toMatchObject(ONE_SESSION);
    expect(stderr).toMatch(/closed the inspector of process \d+ on 127\.0\.0\.1:\d+/);
    expect(portsOf(pid)).toEqual(before);
    await expectServing(before[0]);
  },
);

test(
  '[I30, C11] after Ctrl-C in the middle of --pid the inspector is closed and the server serves on',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { pid } = await startServer('--inspect-port=0');
    const before = portsOf(pid);
    const running = startCli(['check', ...LONG, '--pid', String(pid)], { deadlineMs: ENDS_WITHIN_MS });
    await running.shows('every-cycle-is-admitted-and-served');
    expect(portsOf(pid)).toHaveLength(2);
    running.child.kill('SIGINT');
    const { code } = await running.ended;
    expect([1, 3]).toContain(code);
    await vi.waitFor(() => expect(portsOf(pid)).toEqual(before), { timeout: 10_000, interval: 10 });
    await expectServing(before[0]);
  },
);

test(
  '[K11, I2] with --inspect a leak of a running server is named, and its inspector is left open',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { pid, said } = await startServer('--inspect=127.0.0.1:0');
    const before = portsOf(pid);
    expect(before).toHaveLength(2);
    const address = await vi.waitFor(
      () => /Debugger listening on ws:\/\/([^/]+)/.exec(said())?.[1] ?? Promise.reject(new Error('not yet')),
    );
    const { leak } = await examine('--inspect', address);
    expect(leak).toMatchObject(ONE_SESSION);
    expect(portsOf(pid)).toEqual(before);
    const served = before.find((port) => !address.endsWith(`:${port}`));
    await expectServing(served);
  },
);
