import type { TimingSummary } from './types.ts';

/** Exact nearest-rank percentiles: the value shown was really measured. */
export function summarizeTimings(samplesMs: readonly number[]): TimingSummary {
  const sorted = samplesMs.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, p50Ms: rank(0.5), p95Ms: rank(0.95), p99Ms: rank(0.99), maxMs: rank(1) };
}

const MAX_KEPT_COUNT = 200;

/** As many samples as a picture needs, sorted: all of them, or those at even ranks from the least to the greatest. */
export function thinSamples(samplesMs: readonly number[]): readonly number[] {
  const sorted = samplesMs.toSorted((a, b) => a - b).map((ms) => Math.round(ms * 100) / 100);
  if (sorted.length <= MAX_KEPT_COUNT) return sorted;
  const step = (sorted.length - 1) / (MAX_KEPT_COUNT - 1);
  return Array.from({ length: MAX_KEPT_COUNT }, (_, rank) => sorted[Math.round(rank * step)] ?? 0);
}
