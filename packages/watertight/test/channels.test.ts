import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

import type { CheckResult, ScenarioResult } from '../src/verdict/types.ts';
import { runCli } from './cli-process.ts';

const ENDS_WITHIN_MS = 120_000;
const folder = mkdtempSync(join(tmpdir(), 'watertight-channels-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Checked {
  readonly code: number | null;
  readonly stdout: string;
  readonly result: CheckResult;
  readonly cycles: ScenarioResult;
}

/** The windows of cycles alone: few of them, since all that is kept here is kept of every connection. */
async function check(server: readonly string[], options: readonly string[] = []): Promise<Checked> {
  const json = join(folder, 'result.json');
  const [name = '', ...args] = server;
  const file = fileURLToPath(new URL(`servers/${name}`, import.meta.url));
  const asked = ['--only', 'rapid-connection-cycles-stress', '--cycles', '30', '--settle', '500', '--json', json];
  const ended = await runCli(['check', ...asked, ...options, '--', process.execPath, file, ...args], {
    cwd: folder,
    deadlineMs: ENDS_WITHIN_MS,
  });
  const result = JSON.parse(readFileSync(json, 'utf8')) as CheckResult;
  const [cycles] = result.scenarios;
  if (cycles === undefined) throw new Error(ended.stderr);
  return { code: ended.code, stdout: ended.stdout, result, cycles };
}

test(
  '[P24] a server whose worker keeps one job of every connection is convicted',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { code, cycles } = await check(['hands-to-worker.mjs', 'leaky']);
    expect(code).toBe(1);
    expect(cycles.findings[0]).toMatchObject({
      kind: 'objects',
      name: 'Job',
      growth: { is: 'leak', perCycle: 1, exact: true },
      allocatedAt: { functionName: 'Job' },
      keptBy: expect.stringMatching(/^Map jobs .* ← work\(\)$/) as string,
    });
  },
);

test('[P24] its healthy twin, whose worker lets go, stays green', { timeout: ENDS_WITHIN_MS }, async () => {
  const { code, cycles } = await check(['hands-to-worker.mjs', 'healthy'], ['--no-trace']);
  expect(cycles.violations).toEqual([]);
  expect(code).toBe(0);
});
