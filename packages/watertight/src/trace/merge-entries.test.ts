import { expect, test } from 'vitest';

import { mergeEntries } from './merge-entries.ts';
import type { GrowingNode } from './types.ts';

const MAP = ['variable sessions → Map', 'internal table → (array)'];

const growing = (perCycle: number, ...signature: readonly string[]): GrowingNode => ({
  className: (signature.at(-1) ?? '').replace(/^.* → /, ''),
  signature,
  counts: [],
  perCycle,
  exact: true,
  bytesPerCycle: 32 * perCycle,
  carriesAlong: [],
  exampleNode: 0,
});

test('[S17] the pieces of a key belong to its entry, however many they are', () => {
  const [entry, ...others] = mergeEntries([
    growing(2, ...MAP, '[…] → (string)', 'internal first → (string)'),
    growing(1, ...MAP, '[…] → Object'),
    growing(1, ...MAP, '[…] → (string)'),
  ]);
  expect(others).toEqual([]);
  expect(entry).toMatchObject({
    className: 'Object',
    perCycle: 1,
    bytesPerCycle: 128,
    carriesAlong: [{ className: '(string)', perCycle: 3 }],
  });
});

test('[S17] pieces of a text that another holder keeps are a cause of their own, and so is a text at another rate', () => {
  const elsewhere = growing(2, 'variable log → Array', '[…] → (string)', 'internal first → (string)');
  const more = growing(3, ...MAP, '[…] → (string)');
  expect(mergeEntries([elsewhere, growing(1, ...MAP, '[…] → Object'), more])).toHaveLength(3);
});
