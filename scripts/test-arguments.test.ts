import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runnerArguments } from './test-arguments.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const VITEST = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

/** The files that the runner would run, told by the runner. */
function filesOf(...given: readonly string[]): readonly string[] {
  const args = runnerArguments(given).args.map((arg) => (arg === 'run' ? 'list' : arg));
  const { stdout } = spawnSync(process.execPath, [VITEST, ...args, '--filesOnly'], { cwd: ROOT, encoding: 'utf8' });
  return stdout.trim().split('\n');
}

const isDeep = (file: string): boolean => file.includes('.deep.test.ts');

test('[B36] the deep tests are left out, unless all are asked for or one of them is named', () => {
  const usual = filesOf();
  expect(usual.filter(isDeep)).toEqual([]);
  const all = filesOf('--all');
  expect(all.filter((file) => !isDeep(file))).toHaveLength(usual.length);
  expect(all.filter(isDeep).length).toBeGreaterThan(3);
  const ofChange = filesOf('--deep');
  expect(ofChange.filter((file) => !isDeep(file))).toHaveLength(usual.length);
  expect(all.filter((file) => !ofChange.includes(file))).toEqual(
    expect.arrayContaining([expect.stringContaining('channels.deep.test.ts')]),
  );
  expect(ofChange).toEqual(expect.arrayContaining([expect.stringContaining('attribution.deep.test.ts')]));
  expect(filesOf('channels.deep')).toEqual([expect.stringContaining('channels.deep.test.ts')]);
  expect(runnerArguments(['-t', 'M4'])).toMatchObject({ isWithoutDeep: true });
});
