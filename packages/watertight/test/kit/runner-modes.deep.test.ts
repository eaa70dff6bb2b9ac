import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { GUARDED, runNodeTests, runVitest } from './runner-process.ts';

const ENDS_WITHIN_MS = 180_000;
const MENDED = 'clearInterval(beat())';

test.each(['--pool=forks', '--pool=threads', '--no-isolate', '--pool=vmForks'])(
  '[TK18] the guard works with %s, in files beside each other',
  { timeout: ENDS_WITHIN_MS },
  async (mode) => {
    const output = await runVitest(['run', mode, 'left']).ended;
    expect(output).toContain('"[TK17] leaves an interval" left behind');
    expect(output).toMatch(/Tests {2}1 failed \| 2 passed \(3\)/);
  },
);

test(
  '[TK18] what runs in-process is examined in two files at once where each has a process, and refused with the reason where not',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const forks = await runVitest(['run', '--pool=forks', 'one', 'two']).ended;
    expect(forks).toMatch(/Tests {2}2 passed \(2\)/);
    const threads = await runVitest(['run', '--pool=threads', 'one', 'two']).ended;
    expect(threads).toMatch(/Tests {2}2 failed \(2\)/);
    expect(threads).toContain('--pool=forks');
  },
);

/** A copy of a suite that may be edited, beside the original, so that names of packages are found. */
function copyOf(file: string): { readonly folder: string; edit(from: string, to: string): void } {
  const folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), 'watched-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(GUARDED, file), join(folder, file));
  const path = join(folder, file);
  return { folder, edit: (from, to) => writeFileSync(path, readFileSync(path, 'utf8').replace(from, to)) };
}

test(
  '[TK18] in watch mode of Vitest a test is judged anew whenever it changes',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { folder, edit } = copyOf('left.suite.ts');
    const args = ['--watch', '--root', folder, '--config', join(GUARDED, 'vitest.config.ts')];
    const watching = runVitest(args, folder);
    await watching.said(/1 failed \| 2 passed[^]*for file changes/);
    let seen = watching.output().length;
    edit('expect(beat()).toBeDefined()', `expect(${MENDED}).toBeUndefined()`);
    await watching.said(/3 passed[^]*for file changes/, seen);
    seen = watching.output().length;
    edit(`expect(${MENDED}).toBeUndefined()`, 'expect(beat()).toBeDefined()');
    await watching.said(/left behind[^]*1 failed \| 2 passed/, seen);
  },
);

test('[TK18] with node:test, files at once and in watch mode', { timeout: ENDS_WITHIN_MS }, async () => {
  const { folder, edit } = copyOf('left.test-file.mjs');
  const both = [join(GUARDED, 'left.test-file.mjs'), join(folder, 'left.test-file.mjs')];
  const output = await runNodeTests(['--test-concurrency=2', ...both]).ended;
  expect(output).toMatch(/^# pass 4$/m);
  expect(output).toMatch(/^# fail 2$/m);
  const watching = runNodeTests(['--watch', 'left.test-file.mjs'], folder);
  await watching.said(/^# fail 1$/m);
  const seen = watching.output().length;
  edit('void setInterval(() => undefined, 60_000).unref())', 'clearInterval(setInterval(() => undefined, 60_000)))');
  await watching.said(/^ok 1 - leaves an interval$/m, seen);
});

/** What a failing examination of a server in the process of the tests says. */
function expectTold(output: string, file: string): void {
  const lines = readFileSync(join(GUARDED, file), 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes('new Session(')) + 1;
  expect(output).toMatch(/the server of this test \(ws:\/\/127\.0\.0\.1:\d+\) is not watertight: leak/);
  expect(output).toContain('1 Session per connection');
  expect(output).toMatch(new RegExp(String.raw`allocated +\S*${file.replaceAll('.', String.raw`\.`)}:${line}:`));
}

test(
  '[TK1, TK16, TK20] with Vitest, what an in-process server keeps is told with class and line of the test file',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const output = await runVitest(['run', '--pool=forks', 'leaky-server']).ended;
    expectTold(output, 'leaky-server.suite.ts');
    expect(output).toMatch(/Tests {2}1 failed \(1\)/);
  },
);

test(
  '[TK1, TK16, TK20] with node:test, what an in-process server keeps is told with class and line of the test file',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const output = await runNodeTests(['leaky-server.test-file.mjs']).ended;
    expectTold(output, 'leaky-server.test-file.mjs');
    expect(output).toMatch(/^# fail 1$/m);
  },
);
