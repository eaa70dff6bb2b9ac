import type { TimingSummary } from './types.ts';

/** Exact nearest-rank percentiles: the value shown was really measured. */
export function summarizeTimings(samplesMs: readonly number[]): TimingSummary {
  const sorted = samplesMs.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, p50Ms: rank(0.5), p95Ms: rank(0.95), p99Ms: rank(0.99), maxMs: rank(1) };
}
