import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { CheckResult } from '../src/verdict/types.ts';
import { runCli } from './cli-process.ts';

const SERVER = fileURLToPath(new URL('servers/two-leaks.mjs', import.meta.url));
const ENDS_WITHIN_MS = 120_000;
/** Of the function that makes both. */
const LINE =
  1 +
  readFileSync(SERVER, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes('function greet'));
const MOST_ENDINGS_SHARE = 0.89;

async function checkServer(variant: 'leaky' | 'healthy'): Promise<{ code: number | null; result: CheckResult }> {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-two-leaks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const json = join(folder, 'result.json');
  const asked = ['--only', 'rapid-connection-cycles-stress', '--json', json];
  const { code } = await runCli(['check', ...asked, '--', process.execPath, SERVER, variant], {
    cwd: import.meta.dirname,
    deadlineMs: ENDS_WITHIN_MS,
  });
  return { code, result: JSON.parse(readFileSync(json, 'utf8')) as CheckResult };
}

test(
  '[V25] [V27] a text beside leaked connections and a listener are two causes, each with its own line and number',
  async () => {
    const { code, result } = await checkServer('leaky');
    expect(code).toBe(1);
    const findings = result.scenarios[0]?.findings ?? [];
    expect(findings.map(({ name }) => name)).toEqual(['(string)', 'onNews()']);
    const [text, listener] = findings;
    expect(text).toMatchObject({ growth: { perCycle: 1, exact: true } });
    expect(text?.keptBy).toContain('Set names');
    expect(listener?.growth).toMatchObject({ is: 'leak', exact: false });
    if (listener?.growth.is === 'leak') expect(listener.growth.perCycle).toBeCloseTo(MOST_ENDINGS_SHARE, 1);
    for (const { allocatedAt } of findings) expect(allocatedAt).toMatchObject({ functionName: 'greet', line: LINE });
    const carried = ['bytes of memory of buffers', 'listener on EventEmitter#headline'];
    expect(listener?.carriedAlong.slice(0, 2).map(({ name }) => name)).toEqual(carried);
    expect(result.scenarios[0]?.violations.map(({ type }) => type)).not.toContain('memory-left');
  },
  ENDS_WITHIN_MS,
);

test(
  '[V25] the same server that forgets both is watertight',
  async () => {
    const { code, result } = await checkServer('healthy');
    expect(result.scenarios[0]?.findings).toEqual([]);
    expect(code).toBe(0);
  },
  ENDS_WITHIN_MS,
);
