import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { check, ENDS_WITHIN_MS, newFolder, QUICKLY } from './channel-check.ts';
import { runCli } from './cli-process.ts';

const LEAKY = ['keeps-sessions.mjs', 'leaky'];

test(
  '[V23, V24] a leak that the result of an earlier run knows, or the configuration allows, does not fail a run, and another one does',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const first = await check(LEAKY, QUICKLY);
    expect(first.code).toBe(1);
    expect(first.cycles.findings[0]).toMatchObject({ name: 'Session', known: null });
    const baseline = join(newFolder(), 'baseline.json');
    writeFileSync(baseline, JSON.stringify(first.result));

    const again = await check(LEAKY, [...QUICKLY, '--baseline', baseline]);
    expect(again.cycles.findings.map(({ known }) => known)).not.toContain(false);
    expect(again.stdout).toContain('known to the baseline');
    expect(again.code).toBe(0);

    const config = join(newFolder(), 'watertight.config.json');
    writeFileSync(config, JSON.stringify({ allow: [{ match: 'Session', reason: 'goes with the old protocol' }] }));
    const allowed = await check(LEAKY, [...QUICKLY, '--config', config]);
    expect(allowed.stdout).toContain('goes with the old protocol');
    expect(allowed.code).toBe(0);

    const other = await check(['leaves.mjs', 'timer'], [...QUICKLY, '--baseline', baseline]);
    expect(other.cycles.findings[0]).toMatchObject({ known: false });
    expect(other.code).toBe(1);
  },
);

test('[V23] a baseline that cannot be read, or is none, ends with 2 and says how one is made', async () => {
  const none = join(newFolder(), 'none.json');
  const missing = await runCli(['check', '--baseline', none, '--', process.execPath, '-e', '']);
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining(`--baseline: ${none} cannot be read`)]);
  writeFileSync(none, '{}');
  const wrong = await runCli(['check', '--baseline', none, '--', process.execPath, '-e', '']);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining(`make one with --json ${none}`)]);
});
