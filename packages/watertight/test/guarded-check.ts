import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { CheckResult, Violation } from '../src/verdict/types.ts';
import { runCli, type Ended } from './cli-process.ts';

const ENDS_WITHIN_MS = 120_000;

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
  const ended = await runCli(
    ['check', '--json', json, ...options, '--', process.execPath, file, ...server.map(String)],
    { cwd: folder, deadlineMs: ENDS_WITHIN_MS },
  );
  const result = JSON.parse(readFileSync(json, 'utf8')) as CheckResult;
  return { ...ended, result, violations: result.scenarios.flatMap(({ violations }) => violations) };
}
