import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openedSince, openFiles } from './open-files.ts';

const many = (pathOf: (index: number) => string, count = 20): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [pathOf(index), 1]));

test('[P34] of files that stay open the path is told, and those that were open before are none of them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-open-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const open = (name: string): void => {
    const descriptor = openSync(join(folder, name), 'a');
    onTestFinished(() => closeSync(descriptor));
  };
  open('journal.log');
  open('journal.log');
  const before = openFiles([process.pid]);
  for (let count = 0; count < 5; count += 1) open('audit.log');
  open('journal.log');
  const audit = { name: join(folder, 'audit.log'), count: 5 };
  const journal = { name: join(folder, 'journal.log'), count: 1 };
  expect(openedSince(before, openFiles([process.pid]))).toEqual([audit, journal]);
});

test.each([
  ['/srv/uploads/part-*.tmp', (index: number) => `/srv/uploads/part-${index}.tmp`],
  ['/srv/*/body', (index: number) => `/srv/0b58a1c${index % 10}-9d4e-4c5b-8a30-${100_000_000_000 + index}/body`],
  ['/tmp/*.log', (index: number) => `/tmp/${'abcdefghijklmnopqrstuvwxyz'.slice(0, index + 1)}.log`],
  ['/tmp/* (deleted)', (index: number) => `/tmp/${'abcdefghijklmnopqrstuvwxyz'.slice(0, index + 1)} (deleted)`],
  ['/tmp/*/*.json', (index: number) => `/tmp/${'abcdefghijklmnopqrstuvwxyz'.slice(0, index + 1)}/state.json`],
])('[P34] where each is another file they are told as %s', (name, pathOf) => {
  expect(openedSince({}, many(pathOf))).toEqual([{ name, count: 20 }]);
});

test('[P34] files that have nothing in common are told by none of their names', () => {
  const scattered = (index: number): string => `/${'abcdefghijklmnopqrstuvwxyz'.slice(index)}/x/y`;
  expect(openedSince({}, many(scattered))).toEqual([]);
  expect(openedSince({ '/a': 3 }, { '/a': 3 })).toEqual([]);
});
