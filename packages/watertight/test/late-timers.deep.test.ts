import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { CheckResult } from '../src/verdict/types.ts';
import { runCli } from './cli-process.ts';

const SERVER = fileURLToPath(new URL('servers/held-by-timer.mjs', import.meta.url));
/** Longer than the check waits by itself, so that only the sight of the timers makes it wait; on a machine so slow that they fire before, longer. */
const TIMERS_MS = [6_000, 30_000];
/** What has ended for so long is swept, at turns four times as often. */
const AGED_MS = 4_000;
const CYCLE_COUNT = 40;
const OPTIONS = [
  '--only',
  'rapid-connection-cycles-stress',
  '--cycles',
  String(CYCLE_COUNT),
  '--settle',
  '1000',
  '--no-trace',
];
const ENDS_WITHIN_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'watertight-late-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function check(
  asked: 'released' | 'kept' | 'swept' | 'unswept',
): Promise<{ readonly result: CheckResult; readonly stdout: string }> {
  const file = join(folder, `${asked}.json`);
  for (const timerMs of TIMERS_MS) {
    const args = ['check', ...OPTIONS, '--json', file, '--', process.execPath, SERVER, String(timerMs), asked];
    const { stdout, stderr } = await runCli(args, { deadlineMs: ENDS_WITHIN_MS });
    const isWaitedFor = `${stdout}${stderr}`.includes('which may release it: they are waited for');
    if (isWaitedFor) return { result: JSON.parse(readFileSync(file, 'utf8')) as CheckResult, stdout };
  }
  throw new Error('the timers were not waited for');
}

describe.concurrent('what stands with a timer that fires once', () => {
  test('[N26, H30] is not left behind when the timer releases it', { timeout: 2 * ENDS_WITHIN_MS }, async () => {
    const { result, stdout } = await check('released');
    const { verdict, exitCode } = result;
    const visits =
      /What grew, and is no leak\n(?:  - .*\n)*  - Visit: late release \(after \d+\.\d s\); seen: \d+ more at most, (\d+) left at the end, in (\d+) cycles/;
    const [said, left, cycles] = visits.exec(stdout) ?? [];
    expect(said, stdout).toBeDefined();
    // Whatever was seen to go late is gone; of cycles that suspicion added after the timers had fired, the newest may still be held.
    expect(Number(left)).toBeLessThanOrEqual(Number(cycles) - CYCLE_COUNT);
    expect({ verdict, exitCode }).toEqual({ verdict: 'watertight', exitCode: 0 });
  });

  test('[N26] is left behind when the timer has fired and it stays', { timeout: 2 * ENDS_WITHIN_MS }, async () => {
    const { exitCode, scenarios } = (await check('kept')).result;
    expect(exitCode).toBe(1);
    expect(scenarios.flatMap(({ findings }) => findings)[0]).toMatchObject({ name: 'Visit', growth: { is: 'leak' } });
  });
});

describe.concurrent('what is swept by a timer that repeats', () => {
  test('[N44] is not left behind when the timer has had its turn', { timeout: 2 * ENDS_WITHIN_MS }, async () => {
    const { result, stdout } = await check('swept');
    expect(stdout).toMatch(/What grew, and is no leak\n(?:  - .*\n)*  - Visit: late release/);
    expect({ verdict: result.verdict, exitCode: result.exitCode }).toEqual({ verdict: 'watertight', exitCode: 0 });
  });

  test('[N44] is left behind when it had its turn and swept nothing', { timeout: 2 * ENDS_WITHIN_MS }, async () => {
    const { exitCode, scenarios } = (await check('unswept')).result;
    expect(exitCode).toBe(1);
    expect(scenarios.flatMap(({ findings }) => findings)[0]).toMatchObject({ name: 'Visit', growth: { is: 'leak' } });
  });

  test('[N45] is waited for while it goes, turn by turn', { timeout: ENDS_WITHIN_MS }, async () => {
    const file = join(folder, 'aged.json');
    const args = ['check', ...OPTIONS, '--settle', '3000', '--json', file];
    const { stdout } = await runCli([...args, '--', process.execPath, SERVER, String(AGED_MS), 'aged'], {
      deadlineMs: ENDS_WITHIN_MS,
    });
    const { verdict, exitCode } = JSON.parse(readFileSync(file, 'utf8')) as CheckResult;
    expect({ verdict, exitCode }, stdout).toEqual({ verdict: 'watertight', exitCode: 0 });
  });
});
