import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { situations } from '../src/scenarios/situations.ts';
import type { CheckResult } from '../src/verdict/types.ts';
import { runCli } from './cli-process.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const EACH_MS = 10_000;
const ALL_MS = 30_000;

/** What a run with the configuration of the chat came to. */
async function checkChat(args: readonly string[]): Promise<CheckResult> {
  const folder = mkdtempSync(join(tmpdir(), 'production-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const json = join(folder, 'result.json');
  const ended = await runCli(['check', ...args, '--config', 'examples/chat/watertight.config.json', '--json', json], {
    cwd: ROOT,
    deadlineMs: 150_000,
  });
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  return JSON.parse(readFileSync(json, 'utf8')) as CheckResult;
}

function expectInTime({ scenarios, elapsedMs }: CheckResult): void {
  // What more there is to run than these two processes takes its time, and is none of ours.
  const load = Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
  expect(scenarios.filter((one) => one.elapsedMs > EACH_MS * load)).toEqual([]);
  expect(elapsedMs).toBeLessThan(ALL_MS * load);
}

test('[PS9, PS10] all twelve on the chat within 30 s, each within 10 s, and every verdict is clean', async () => {
  const result = await checkChat(['--suite', 'production']);
  expect(result.scenarios.map(({ name }) => name)).toEqual(situations.map(({ name }) => name));
  expectInTime(result);
});

test('[PS13] what a check runs by default on the chat within 30 s, each scenario within 10 s', async () => {
  const result = await checkChat([]);
  expect(result.scenarios).toHaveLength(5);
  expectInTime(result);
});

test('[PS14] beside the old version of a deploy-rollover runs what --next says', async () => {
  const server = (habit: string): string => `${process.execPath} packages/watertight/test/servers/server.mjs ${habit}`;
  const rollOverTo = async (habit: string): Promise<{ readonly code: number | null; readonly stdout: string }> => {
    const args = ['--only', 'deploy-rollover', '--next', server(habit), '--', ...server('plain').split(' ')];
    const ended = await runCli(['check', ...args], { cwd: ROOT, deadlineMs: 60_000 });
    // A machine that stands still meanwhile leaves it open.
    return ended.code === 3 ? await runCli(['check', ...args], { cwd: ROOT, deadlineMs: 60_000 }) : ended;
  };
  const refusing = await rollOverTo('refuse');
  expect(refusing.stdout).toMatch(/rollover\/both-versions-serve/);
  expect(refusing.code).toBe(1);
  const same = await rollOverTo('plain');
  expect(same.stdout).not.toMatch(/rollover\/both-versions-serve/);
  expect(same.code).toBe(0);
});
