import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';

import { ownerOf } from './owner.ts';

const folder = mkdtempSync(join(tmpdir(), 'watertight-owner-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('[P10] a file below node_modules belongs to the innermost package, with the version of its manifest', () => {
  const inner = join(folder, 'node_modules/outer/node_modules/@scope/inner');
  mkdirSync(inner, { recursive: true });
  writeFileSync(join(inner, 'package.json'), '{"name":"@scope/inner","version":"4.5.6"}');
  const url = pathToFileURL(join(inner, 'lib/server.js')).href;
  expect(ownerOf(url)).toEqual({ is: 'package', name: '@scope/inner', version: '4.5.6' });
  expect(ownerOf(join(folder, 'node_modules/outer/index.js'))).toEqual({ is: 'package', name: 'outer', version: null });
});

test.each([
  ['file:///app/src/chat.ts', { is: 'application' }],
  ['/app/server.js', { is: 'application' }],
  ['node:internal/timers', { is: 'node' }],
  ['', { is: 'node' }],
])('[P10] %j belongs to %j', (url, owner) => {
  expect(ownerOf(url)).toEqual(owner);
});
