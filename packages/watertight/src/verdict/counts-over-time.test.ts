import { describe, expect, test } from 'vitest';

import { judgeCounts, type Counted } from './counts-over-time.ts';

const looks = (...seen: (readonly [cycles: number, count: number | undefined, atMs?: number])[]): Counted[] =>
  seen.map(([cycles, count, atMs], index) => ({ cycles, count, atMs: atMs ?? index * 1_000 }));

describe('a count over time', () => {
  test('[V20] grows from the baseline on', () => {
    const seen = looks([0, 10], [29, 39], [33, 72], [38, 110]);
    expect(judgeCounts(seen)).toMatchObject({ is: 'leak', perCycle: 1, exact: true });
  });

  test('[V20] that was not taken at every look joins the windows between', () => {
    const seen = looks([0, 10], [29, undefined], [33, 72], [38, undefined], [200, 310]);
    expect(judgeCounts(seen)).toMatchObject({ is: 'leak', perCycle: 1, exact: true });
  });

  test('[V22] that goes back by itself while nothing happens is a late release, with the time it took', () => {
    const seen = looks([0, 10], [29, 39], [33, 72], [38, 110, 3_000], [0, 10, 6_000]);
    expect(judgeCounts(seen)).toEqual({ is: 'late', afterMs: 3_000 });
  });

  test('[V22] that stays while nothing happens does not', () => {
    const seen = looks([0, 10], [29, 39], [33, 72], [38, 110, 3_000], [0, 109, 9_000], [200, 309]);
    expect(judgeCounts(seen)).toMatchObject({ is: 'leak', perCycle: 1 });
  });

  test('[V22] that was seen to go by itself once is not judged on what is younger than that', () => {
    const gone = looks([0, 10], [29, 39], [33, 72], [38, 110, 3_000], [0, 10, 33_000]);
    const more = (atMs: number): Counted[] => [
      { cycles: 200, count: 210, atMs: 40_000 },
      { cycles: 401, count: 611, atMs: 50_000 },
      { cycles: 0, count: 611, atMs },
    ];
    expect(judgeCounts([...gone, ...more(60_000)])).toEqual({ is: 'late', afterMs: 30_000 });
    expect(judgeCounts([...gone, ...more(81_000)])).toMatchObject({ is: 'leak' });
  });

  test('[V22] of which only some goes by itself is judged on the rest', () => {
    const half = looks([0, 10], [29, 39], [33, 72], [38, 110, 3_000], [0, 50, 33_000], [200, 250, 40_000]);
    expect(judgeCounts([...half, { cycles: 401, count: 651, atMs: 50_000 }])).toMatchObject({ is: 'leak' });
  });

  test('[V21] that comes to rest is bounded by what it came to', () => {
    const seen = looks([0, 10], [29, 39], [33, 72], [38, 110], [200, 310], [400, 310], [800, 310]);
    expect(judgeCounts(seen)).toEqual({ is: 'bounded', at: 310 });
  });
});

test('[V21] what went within the last window is not taken for growth because a look follows in which nothing went', () => {
  const bytes = [148_143, 345_006, 541_876, 279_399, 279_399];
  const cycles = [0, 29, 33, 38, 0];
  const counted = bytes.map((count, index) => ({ cycles: cycles[index] ?? 0, atMs: index * 1_000, count }));
  expect(judgeCounts(counted)).toMatchObject({ is: 'bounded' });
});
