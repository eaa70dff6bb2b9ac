import type { TimingSummary } from './types.ts';

/** What was measured of each operation, in milliseconds. */
export class Timings {
  /** Sorted as they come: summed up after each, thousands of samples would be sorted thousands of times. */
  readonly #sortedMs = new Map<string, number[]>();

  /** @throws RangeError for a duration that is none: one that was not measured would be in every percentile. */
  record(operation: string, ms: number): TimingSummary {
    if (!Number.isFinite(ms) || ms < 0)
      throw new RangeError(
        `the timing of ${JSON.stringify(operation)} is ${ms}; expected a number of milliseconds of at least 0`,
      );
    const sortedMs = this.#sortedMs.get(operation) ?? [];
    this.#sortedMs.set(operation, sortedMs);
    sortedMs.splice(rankOf(ms, sortedMs), 0, ms);
    return summaryOf(sortedMs);
  }

  summaries(): Record<string, TimingSummary> {
    return Object.fromEntries([...this.#sortedMs].map(([operation, sortedMs]) => [operation, summaryOf(sortedMs)]));
  }

  /** Of each operation as many as a picture needs. */
  samplesMs(): Record<string, readonly number[]> {
    return Object.fromEntries([...this.#sortedMs].map(([operation, sortedMs]) => [operation, thinSamples(sortedMs)]));
  }
}

/** Where it belongs: behind all that are no greater. */
function rankOf(ms: number, sortedMs: readonly number[]): number {
  let low = 0;
  let high = sortedMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sortedMs[middle] ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Exact nearest-rank percentiles: the value shown was really measured. */
function summaryOf(sortedMs: readonly number[]): TimingSummary {
  const rank = (share: number): number => sortedMs[Math.max(0, Math.ceil(share * sortedMs.length) - 1)] ?? 0;
  return { count: sortedMs.length, p50Ms: rank(0.5), p95Ms: rank(0.95), p99Ms: rank(0.99), maxMs: rank(1) };
}

const MAX_KEPT_COUNT = 200;

/** As many samples as a picture needs, sorted: all of them, or those at even ranks from the least to the greatest. */
export function thinSamples(samplesMs: readonly number[]): readonly number[] {
  const sorted = samplesMs.toSorted((a, b) => a - b).map((ms) => Math.round(ms * 100) / 100);
  if (sorted.length <= MAX_KEPT_COUNT) return sorted;
  const step = (sorted.length - 1) / (MAX_KEPT_COUNT - 1);
  return Array.from({ length: MAX_KEPT_COUNT }, (_, rank) => sorted[Math.round(rank * step)] ?? 0);
}
