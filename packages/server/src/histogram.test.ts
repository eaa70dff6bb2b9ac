import { expect, test } from 'vitest';
import { DurationHistogram } from './histogram.ts';

test('[T5] an empty histogram is all zeros', () => {
  const { upTo, ...rest } = new DurationHistogram(500).summary();
  expect(rest).toEqual({ count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0, totalMs: 0, overDeadline: 0 });
  expect(upTo.every(({ count }) => count === 0)).toBe(true);
});

test('[T5] percentiles are at most 4.4 % too high and never too low, the maximum is exact', () => {
  const histogram = new DurationHistogram(500);
  for (let durationMs = 1; durationMs <= 1000; durationMs += 1) histogram.record(durationMs);
  const { count, p50Ms, p99Ms, maxMs, overDeadline } = histogram.summary();
  expect([count, maxMs, overDeadline]).toEqual([1000, 1000, 500]);
  for (const [measuredMs, exactMs] of [
    [p50Ms, 500],
    [p99Ms, 990],
  ] as const) {
    expect(measuredMs).toBeGreaterThanOrEqual(exactMs);
    expect(measuredMs).toBeLessThanOrEqual(exactMs * 1.045);
  }
});

test.each([0, 0.001, 1 / 64, 0.5, 500, 2 ** 18, 1e9])(
  '[T5] a single duration of %d ms is its own maximum and percentile',
  (durationMs) => {
    const histogram = new DurationHistogram(500);
    histogram.record(durationMs);
    const { p50Ms, p99Ms, maxMs } = histogram.summary();
    expect(maxMs).toBe(durationMs);
    expect(p50Ms).toBeLessThanOrEqual(durationMs);
    expect(p99Ms).toBe(p50Ms);
  },
);

test('[T5] exactly the deadline is not over the deadline', () => {
  const histogram = new DurationHistogram(500);
  histogram.record(500);
  histogram.record(500.1);
  expect(histogram.summary().overDeadline).toBe(1);
});

test('[T11] how many took at most so long is exact at every bound, the bound included', () => {
  const histogram = new DurationHistogram(500);
  const bounds = histogram.summary().upTo.map(({ durationMs }) => durationMs);
  expect(bounds).toEqual([3.90625, 7.8125, 15.625, 31.25, 62.5, 125, 250, 500, 1000, 2000, 4000, 8000]);
  for (const boundMs of bounds) {
    histogram.record(boundMs);
    histogram.record(boundMs * (1 + 1e-9));
  }
  const { upTo, count, totalMs } = histogram.summary();
  expect(upTo.map((bucket) => bucket.count)).toEqual(bounds.map((_, index) => 2 * index + 1));
  expect(count).toBe(24);
  expect(totalMs).toBeCloseTo(2 * bounds.reduce((sum, boundMs) => sum + boundMs, 0), 3);
});
