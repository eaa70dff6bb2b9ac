import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { CheckResult, Violation } from '../src/verdict/types.ts';
import { runCli, type Ended } from './cli-process.ts';

const ENDS_WITHIN_MS = 120_000;
/** A machine that stands still every time is not fit to test on. */
const MOST_CHECKS_COUNT = 3;

export interface GuardedChecked extends Ended {
  readonly result: CheckResult;
  readonly violations: readonly Violation[];
}

/** Checks a healthy server on `@watertight/server`, with what `fixtures/guarded-server.mjs` takes: its limit and its heartbeat interval in ms. */
export async function checkGuarded(
  server: readonly (number | string)[],
  options: readonly string[] = [],
): Promise<GuardedChecked> {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-guarded-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const json = join(folder, 'result.json');
  const file = fileURLToPath(new URL('fixtures/guarded-server.mjs', import.meta.url));
  const args = ['check', '--json', json, ...options, '--', process.execPath, file, ...server.map(String)];
  for (let count = 1; ; count += 1) {
    const ended = await runCli(args, { cwd: folder, deadlineMs: ENDS_WITHIN_MS });
    const result = JSON.parse(readFileSync(json, 'utf8')) as CheckResult;
    const isLeftOpenByMachine = ended.code === 3 && ended.stdout.includes('less busy machine');
    if (!isLeftOpenByMachine || count === MOST_CHECKS_COUNT)
      return { ...ended, result, violations: result.scenarios.flatMap(({ violations }) => violations) };
  }
}
