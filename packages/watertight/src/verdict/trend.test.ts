import { describe, expect, test } from 'vitest';

import { halves, isWorthMore, judgeWindows, type WindowGrowth } from './trend.ts';

const CYCLES = [29, 33, 38, 200, 400, 800];
const windows = (...grew: number[]): WindowGrowth[] =>
  grew.map((by, index) => ({ cycles: CYCLES[index] ?? 1, grew: by }));
const each = (rate: number): WindowGrowth[] => windows(...CYCLES.map((cycles) => Math.round(cycles * rate)));

describe('what windows of cycles come to', () => {
  test('[V20] one or several per cycle are exact', () => {
    expect(judgeWindows(each(1))).toEqual({ is: 'leak', perCycle: 1, exact: true, low: 1, high: 1 });
    expect(judgeWindows(each(28))).toMatchObject({ perCycle: 28, exact: true });
    expect(judgeWindows(windows(29, 32, 38, 199, 400, 799))).toMatchObject({ perCycle: 1, exact: true });
  });

  test('[V20] a fraction is a rate with its 95 % interval', () => {
    const seen = judgeWindows(windows(1, 2, 2, 10, 20, 40));
    expect(seen).toMatchObject({ is: 'leak', exact: false, perCycle: 0.05 });
    if (seen?.is !== 'leak') return expect.unreachable();
    expect(seen.low).toBeCloseTo(0.0387, 3);
    expect(seen.high).toBeCloseTo(0.0613, 3);
  });

  test('[V20] one in five, of the connections that were reset', () => {
    expect(judgeWindows(windows(6, 6, 8, 40, 80, 160))).toMatchObject({ is: 'leak', exact: false, perCycle: 0.2 });
  });

  test.each([
    ['a cache of 600 that fills', windows(29, 33, 38, 200, 300, 0), 600],
    ['a ring of 500', windows(29, 33, 38, 200, 200, 0), 500],
    ['400 functions compiled on first use', windows(29, 33, 38, 200, 100, 0), 400],
    ['what is built once', windows(0, 0, 20, 0, 0, 0), 20],
    ['a cache that forgot what came first', windows(0, 0, 0, 0, 0, 600), 600],
  ])('[V21] %s is bounded', (_name, seen, at) => {
    expect(judgeWindows(seen, at)).toEqual({ is: 'bounded', at });
  });

  test.each([
    ['nothing', windows(0, 0, 0, 0, 0, 0)],
    ['a few, which may be chance', windows(1, 0, 1, 1, 0, 1)],
    ['less than one in fifty', windows(0, 1, 1, 3, 5, 12)],
    ['what comes in bursts', windows(7, 0, 0, 7, 0, 17)],
    ['what became fewer', windows(-3, 0, -1, 0, 0, -20)],
  ])('[V21] %s is not worth a word', (_name, seen) => {
    expect(judgeWindows(seen)).toBeUndefined();
  });

  test('[V21] what slows down without coming to rest is undecided', () => {
    expect(judgeWindows(windows(29, 33, 38, 200, 120, 180))).toMatchObject({ is: 'undecided' });
  });

  test.each([
    ['one in twenty, as unevenly as it may come', windows(1, 0, 2), true],
    ['two, the last of them late', windows(0, 1, 1), true],
    ['what came at first only', windows(3, 0, 0), false],
    ['what came mostly at first', windows(7, 1, 1), false],
    ['one', windows(0, 0, 1), false],
    ['less than one in fifty by then', windows(1, 0, 2, 1, 1), false],
    ['what is many enough to be judged', windows(10, 12, 14), false],
  ])('[V21] %s: worth more cycles or not', (_name, seen, isWorth) => {
    expect(isWorthMore(seen)).toBe(isWorth);
  });

  test('[V20] the middle of all cycles parts the early windows from the late', () => {
    expect(halves(windows(1, 2, 3, 4, 5, 6))).toEqual([
      { cycles: 700, grew: 15 },
      { cycles: 800, grew: 6 },
    ]);
    expect(halves([{ cycles: 7, grew: 7 }])).toEqual([
      { cycles: 7, grew: 7 },
      { cycles: 7, grew: 7 },
    ]);
  });
});
