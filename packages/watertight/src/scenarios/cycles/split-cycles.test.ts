import { expect, test } from 'vitest';

import { splitCycles } from './split-cycles.ts';

const divisor = (one: number, other: number): number => (other === 0 ? one : divisor(other, one % other));

test.each([10, 11, 12, 30, 40, 50, 75, 100, 101, 300, 1_000])(
  '[N11] %i cycles are split into three windows without a common divisor',
  (cycles) => {
    const [first, second, third] = splitCycles(cycles);
    expect(first + second + third).toBe(cycles);
    expect([divisor(first, second), divisor(second, third), divisor(first, third)]).toEqual([1, 1, 1]);
    expect(Math.min(first, second, third)).toBeGreaterThan(0);
  },
);

test('[N11] 100 cycles are windows of 29, 33 and 38', () => {
  expect(splitCycles(100)).toEqual([29, 33, 38]);
});
