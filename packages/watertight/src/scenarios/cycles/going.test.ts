import { expect, test } from 'vitest';
import { lookAt } from '../../../test/look-at.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import { everWent, goesByItself, isGone } from './going.ts';

/** Windows of 100 cycles at first; 0 is a wait. */
const looksOf = (cycles: readonly number[]) => cycles.map((one, index) => lookAt(one, index * 1_000));

function seat(counts: readonly (number | undefined)[]): Suspect {
  return {
    from: 'count',
    growth: { is: 'undecided', why: 'neither steady nor at an end' },
    series: { kind: 'objects', key: 'objects:1', name: 'Seat', counts, about: {} },
  };
}

test('[N45] what a wait took some of goes by itself; what stayed, or came, does not', () => {
  const looks = looksOf([0, 100, 200, 0]);
  expect(goesByItself(looks, seat([5, 105, 305, 250]))).toBe(true);
  expect(goesByItself(looks, seat([5, 105, 305, 304]))).toBe(false);
  expect(goesByItself(looks, seat([5, 105, 305, 305]))).toBe(false);
  // Whatever comes and goes in a window may be of the window itself.
  expect(goesByItself(looksOf([0, 100, 200, 400]), seat([5, 105, 305, 250]))).toBe(false);
});

test('[N45] looks that did not count it are passed over', () => {
  expect(goesByItself(looksOf([0, 100, 0, 0]), seat([5, 105, undefined, 60]))).toBe(true);
});

test('[V33] what once was much less than before is not kept by nobody letting go of it', () => {
  const looks = looksOf([0, 100, 200, 400]);
  expect(everWent(looks, seat([5, 105, 60, 460]))).toBe(true);
  expect(everWent(looks, seat([5, 105, 305, 705]))).toBe(false);
  expect(everWent(looks, seat([5, 105, 103, 500]))).toBe(false);
});

test('[N45] what has gone but for a tenth is gone, and what goes on going is not', () => {
  const looks = looksOf([0, 100, 0]);
  expect(isGone(looks, seat([5, 105, 14]))).toBe(true);
  expect(isGone(looks, seat([5, 105, 40]))).toBe(false);
});
