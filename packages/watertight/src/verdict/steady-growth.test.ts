import { expect, test } from 'vitest';
import { GrowingPlaces, type WatchedPlace } from './growing-places.ts';
import { judgeSteadyGrowth, type PlaceHistory, type TrafficPoint } from './steady-growth.ts';

const MB = 2 ** 20;
const HOUR_MS = 3_600_000;

interface Run {
  readonly looks?: number;
  /** By window, from the first one on. */
  readonly accepted?: (window: number) => number;
  readonly open?: (look: number) => number;
  readonly heapMb?: (look: number) => number;
}

function pointsOf({ looks = 12, accepted = () => 100, open = () => 50, heapMb = (look) => 100 + look }: Run = {}) {
  let acceptedCount = 0;
  return Array.from({ length: looks }, (_, look): TrafficPoint => {
    if (look > 0) acceptedCount += accepted(look);
    const heapUsedBytes = heapMb(look) * MB;
    return { atMs: look * HOUR_MS, acceptedCount, openCount: open(look), heapUsedBytes, outsideHeapBytes: 0 };
  });
}

/** What stayed of each window, in samples of half a megabyte; `before`: what had been there is made room for. */
function historyOf(stayed: readonly number[], alive?: (look: number) => number): PlaceHistory {
  const windows = stayed.map((samples) => ({ samples, bytes: samples * (MB / 2) }));
  const total = (look: number): number => windows.slice(0, look + 1).reduce((sum, { bytes }) => sum + bytes, 0);
  return { windows, aliveBytes: windows.map((_, look) => alive?.(look) ?? total(look)) };
}

const STEADY = [0, 3, 4, 3, 3, 4, 3, 4, 3, 3, 4, 9];

test('[OB2] what every window leaves behind keeps growing, and the longest span that shows it is told', () => {
  const growth = judgeSteadyGrowth(pointsOf({ heapMb: (look) => 100 + 2 * look }), historyOf(STEADY), 5);
  expect(growth).toMatchObject({ forMs: 10 * HOUR_MS, samples: 34, acceptedCount: 1000, bytes: 17 * MB });
  expect(growth?.bytesPerHour).toBe(1.7 * MB);
});

test.for<[string, Run, PlaceHistory]>([
  ['only the last windows have anything: in use', {}, historyOf([0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 40, 90])],
  ['only the first have: warmed up, or full', {}, historyOf([0, 30, 20, 2, 0, 0, 0, 0, 0, 0, 0, 0])],
  ['the heap does not grow: it took the place of what was there', { heapMb: () => 100 }, historyOf(STEADY)],
  [
    'the heap grew at first, as the program warmed up: the rest took the place of what was there',
    { heapMb: (look) => 100 + 10 * Math.min(look, 3) },
    historyOf(STEADY),
  ],
  [
    'the heap grew at last, for something else',
    { heapMb: (look) => 100 + 10 * Math.max(0, look - 8) },
    historyOf(STEADY),
  ],
  ['the place is as large as before', {}, historyOf(STEADY, () => 40 * MB)],
  ['more connections are open', { open: (look) => 50 + 60 * look }, historyOf(STEADY)],
  ['too few samples', {}, historyOf([0, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1])],
  ['next to nothing of the heap', { heapMb: (look) => 4_000 + 2 * look }, historyOf(STEADY)],
])('[OB2] not growing: %s', ([, run, history]) => {
  expect(judgeSteadyGrowth(pointsOf(run), history, 5)).toBeUndefined();
});

test('[OB2] growth by connections is seen through a quiet night, and growth by time without any connection', () => {
  const night = (window: number): number => (window > 4 && window < 8 ? 1 : 100);
  const stayed = [0, 4, 4, 4, 4, 0, 0, 0, 4, 4, 4, 4];
  const heapMb = (look: number): number => 100 + 2 * look;
  expect(judgeSteadyGrowth(pointsOf({ accepted: night, heapMb }), historyOf(stayed), 5)).toBeDefined();
  const alone = judgeSteadyGrowth(pointsOf({ accepted: () => 0, heapMb }), historyOf(STEADY), 5);
  expect(alone).toMatchObject({ acceptedCount: 0, bytesPerConnection: null });
});

test('[OB3] a place is told once it has grown at two looks, once more when it is over, and never twice', () => {
  const growing = new GrowingPlaces(4);
  const place = { functionName: 'keep', file: 'a.js', line: 3, column: 1, owner: { is: 'application' } } as const;
  const told: string[] = [];
  for (let looks = 2; looks < 30; looks += 1) {
    // It leaks until the twelfth look, and then no more.
    const stayed = Array.from({ length: looks }, (_, window) => (window > 0 && window < 12 ? 6 : 0));
    const watched: WatchedPlace = { key: 'a', place, stack: [place], ...historyOf(stayed) };
    const points = pointsOf({ looks, heapMb: (look) => 100 + 3 * Math.min(look, 12) });
    for (const { state } of growing.judge(points, [watched])) told.push(`${state} at ${looks}`);
  }
  expect(told).toEqual([expect.stringMatching(/^firing at [78]$/), expect.stringMatching(/^resolved at (19|2\d)$/)]);
  expect(growing.firing).toEqual([]);
});
