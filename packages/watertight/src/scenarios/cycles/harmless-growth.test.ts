import { expect, test } from 'vitest';
import { lookAt } from '../../../test/look-at.ts';
import type { Series } from '../../evidence/series.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import { harmlessGrowth } from './harmless-growth.ts';

const LOOKS = [lookAt(0, 0), lookAt(29, 100), lookAt(33, 200), lookAt(38, 300), lookAt(0, 3_300)];

function suspect(name: string, counts: readonly number[], growth: Suspect['growth']): Suspect {
  const series: Series = { kind: 'objects', key: name, name, counts, about: {} };
  return { from: 'count', series, growth };
}

test('[H30] what came to rest and what went by itself are named as such, with what was seen of them', () => {
  const told = harmlessGrowth(LOOKS, [
    suspect('Page', [0, 29, 50, 50, 50], { is: 'bounded', at: 50 }),
    suspect('Visit', [2, 31, 64, 102, 2], { is: 'late', afterMs: 3_000 }),
    suspect('Session', [0, 29, 62, 100, 100], { is: 'leak', perCycle: 1, exact: true, low: 1, high: 1 }),
    suspect('Job', [0, 1, 30, 33, 33], { is: 'undecided', why: 'neither steady nor at an end' }),
    suspect('Array', [0, 29, 50, 50, 50], { is: 'bounded', at: 50 }),
  ]);
  expect(told.map(({ sentence, seen }) => [sentence, seen])).toEqual([
    ['Page: bounded (fills to 50)', '+29 +21 +0 in 29 + 33 + 38 cycles'],
    ['Visit: late release (after 3.0 s)', '100 more at most, 0 left at the end, in 100 cycles'],
  ]);
});

test('[H30] what came after others went, and is not as old yet, is no contradiction to the time of the release', () => {
  const looks = [...LOOKS, lookAt(67, 6_000), lookAt(0, 7_200)];
  const [told] = harmlessGrowth(looks, [suspect('Visit', [2, 31, 64, 102, 2, 69, 69], { is: 'late', afterMs: 3_000 })]);
  expect(told).toMatchObject({
    sentence: 'Visit: late release (after 3.0 s)',
    seen: '100 more at most, 67 left at the end, in 167 cycles; the last of them came 1.2 s before the end, when they were not as old yet',
  });
});
