import { expect, test } from 'vitest';
import { HEAP, lookAt } from '../../../test/look-at.ts';
import type { Look } from '../../evidence/examination.ts';
import { convictedAfter } from './convicted-after.ts';

/** A look after so many cycles, at so many objects of one class. */
function lookAtObjects(cycles: number, atMs: number, count: number): Look {
  return { ...lookAt(cycles, atMs), heap: { ...HEAP, sampled: false, classes: [{ id: 1, name: 'Session', count }] } };
}

const looksAt = (...counts: readonly (readonly [cycles: number, count: number])[]): readonly Look[] =>
  counts.map(([cycles, count], index) => lookAtObjects(cycles, index * 1_000, count));

test.each([
  [
    'is told when the cycles that were asked for are over',
    looksAt([0, 1], [29, 30], [33, 63], [38, 101], [200, 301]),
    100,
  ],
  ['is told by no single stretch of cycles', looksAt([0, 1], [100, 101], [100, 201]), 200],
  [
    'that was neither steady nor at an end is told when it went on',
    looksAt([0, 1], [50, 51], [50, 76], [300, 376]),
    400,
  ],
])('[V30] a leak %s', (_what, looks, cycles) => {
  expect([...convictedAfter(looks, 100).values()]).toEqual([cycles]);
});

test('[V30] what is no leak at the end is none that was told early', () => {
  expect(convictedAfter(looksAt([0, 1], [50, 51], [50, 101], [300, 101], [300, 101]), 100).size).toBe(0);
});
