import { expect, it } from 'vitest';

import { thinSamples } from './timings.ts';

it('[P33] all samples of a few are kept, sorted; of many 200, the least and the greatest among them', () => {
  expect(thinSamples([])).toEqual([]);
  expect(thinSamples([3, 1.23456, 2])).toEqual([1.23, 2, 3]);
  const many = thinSamples(Array.from({ length: 10_001 }, (_, index) => 10_000 - index));
  expect(many).toHaveLength(200);
  expect([many[0], many.at(-1)]).toEqual([0, 10_000]);
  expect(many).toEqual(many.toSorted((a, b) => a - b));
});
