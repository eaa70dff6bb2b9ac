import { execFile } from 'node:child_process';
import { chmodSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PARTS } from './check-parts.mjs';
import { ROOT } from './root.mjs';
import { plant } from './tree.ts';

/** Succeeds, and needs no Node for it: there are three times thirteen. */
const FINE = 'fine';

/** Runs the check of a repository whose parts all succeed, but for those given. */
function check(others: Readonly<Record<string, string>>): Promise<{ exitCode: unknown; lines: string[] }> {
  const scripts = { ...Object.fromEntries(PARTS.map((name) => [name, FINE])), ...others };
  const root = plant({
    'package.json': JSON.stringify({ type: 'module', engines: { node: '>=20.19' }, scripts }),
    'package-lock.json': '{ "packages": {} }',
    'node_modules/.package-lock.json': '{ "packages": {} }',
    'node_modules/.bin/fine': '#!/bin/sh\necho nobody needs to read this\n',
    'tsconfig.json': '{ "files": [] }',
    'scripts/bad.mjs': `console.log('found something'); process.exitCode = 7;`,
  });
  chmodSync(join(root, 'node_modules/.bin/fine'), 0o755);
  for (const name of ['check', 'check-parts', 'prepare', 'exclusive', 'fingerprint', 'installed', 'root']) {
    cpSync(join(ROOT, 'scripts', `${name}.mjs`), join(root, 'scripts', `${name}.mjs`));
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'scripts/check.mjs')], (error, stdout) => {
      const lines = stdout
        .replaceAll(/\d+\.\d s/g, 'n s')
        .replaceAll(/ +/g, ' ')
        .trim()
        .split('\n');
      resolve({ exitCode: error === null ? 0 : error.code, lines });
    });
  });
}

const partsCommand = 'node scripts/check-parts.mjs';

it('[B12] runs every part once and says one line about each', async () => {
  const { exitCode, lines } = await check({ 'check:parts': partsCommand });
  expect(lines.slice(0, -1).toSorted()).toEqual(PARTS.map((name) => `ok ${name} n s`).toSorted());
  expect(lines.at(-1)).toBe(`All ${PARTS.length} parts of the check are in order (n s).`);
  expect(exitCode).toBe(0);
});

it('[B12] fails when one part fails, shows what it printed, and runs the others all the same', async () => {
  const { exitCode, lines } = await check({ 'check:parts': partsCommand, 'check:spec': 'node scripts/bad.mjs' });
  expect(lines.join('\n')).toContain('FAILED check:spec n s\n found something');
  expect(lines.join('\n')).not.toContain('nobody needs');
  expect(lines.filter((line) => line.startsWith('ok '))).toHaveLength(PARTS.length - 1);
  expect(lines.at(-1)).toBe(`1 of ${PARTS.length} parts failed (n s): check:spec`);
  expect(exitCode).toBe(1);
});

it('[B12] fails when a part is not what it is meant to be, even if that part is the one that would say so', async () => {
  const { exitCode, lines } = await check({ 'check:more': FINE });
  expect(lines).toContain('scripts/check-parts.mjs: check:more is not in PARTS');
  expect(exitCode).toBe(1);
});
