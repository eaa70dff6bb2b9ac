import { describe, expect, test } from 'vitest';
import { splitCycles } from '../scenarios/cycles/windows.ts';
import type { Counts } from '../evidence/counts.ts';
import { growingWithCycles, grownOtherwise } from './growth-in-windows.ts';

const windows = (...looks: (readonly [cycles: number, after: Counts])[]) =>
  looks.map(([cycles, after]) => ({ cycles, after }));

describe('growth in windows', () => {
  test('[N11] one object kept per cycle grows with the cycles', () => {
    const seen = windows([37, { Room: 47 }], [63, { Room: 110 }]);
    expect(growingWithCycles({ Room: 10 }, seen)).toEqual([{ name: 'Room', by: [37, 63], perCycle: 1 }]);
    expect(grownOtherwise({ Room: 10 }, seen)).toEqual([]);
  });

  test('[N11] one object in ten cycles grows with the cycles, too', () => {
    const [growth] = growingWithCycles({}, windows([37, { Entry: 4 }], [63, { Entry: 10 }]));
    expect(growth).toMatchObject({ name: 'Entry', by: [4, 6], perCycle: 0.1 });
  });

  test.each([
    ['a cache that fills to 50', windows([37, { Cached: 37 }], [63, { Cached: 50 }])],
    ['what is built once', windows([37, { Table: 1 }], [63, { Table: 1 }])],
    ['a straggler at the end', windows([37, {}], [63, { Late: 3 }])],
    ['a burst in the first window', windows([37, { Warm: 80 }], [63, { Warm: 82 }])],
    ['what grew and went back', windows([37, { Pool: 30 }], [63, { Pool: 0 }])],
    [
      'growth that the third window does not confirm',
      windows([37, { Ring: 37 }], [63, { Ring: 100 }], [37, { Ring: 100 }]),
    ],
  ])('[N11] %s does not', (_name, seen) => {
    expect(growingWithCycles({}, seen)).toEqual([]);
  });

  test('[N11] what grew otherwise is a note, the most of it first', () => {
    const seen = windows([37, { Cached: 37, Table: 1 }], [63, { Cached: 50, Table: 1 }]);
    expect(grownOtherwise({}, seen).map(({ name }) => name)).toEqual(['Cached', 'Table']);
  });

  test.each([100, 50, 40, 75, 10, 11, 1_000])('[N11] %i cycles are split without a common divisor', (cycles) => {
    const [first, second] = splitCycles(cycles);
    expect(first + second).toBe(cycles);
    for (let divisor = 2; divisor <= first; divisor += 1)
      expect([first % divisor, second % divisor]).not.toEqual([0, 0]);
  });

  test('[N11] 100 cycles are windows of 37 and 63', () => {
    expect(splitCycles(100)).toEqual([37, 63]);
  });
});
