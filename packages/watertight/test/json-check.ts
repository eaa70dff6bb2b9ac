import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CheckResult } from '../src/verdict/types.ts';
import { runCli, type Ended } from './cli-process.ts';

export const CHECK_ENDS_WITHIN_MS = 120_000;

/** `watertight check` of a command, with what it wrote into `--json`; beside the tests, unless told another folder. */
export async function checkToJson(
  options: readonly string[],
  command: readonly string[],
  cwd: string = import.meta.dirname,
): Promise<Ended & { readonly result: CheckResult }> {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-json-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const json = join(folder, 'result.json');
  const args = ['check', '--json', json, ...options, '--', process.execPath, ...command];
  const ended = await runCli(args, { cwd, deadlineMs: CHECK_ENDS_WITHIN_MS });
  return { ...ended, result: JSON.parse(readFileSync(json, 'utf8')) as CheckResult };
}
