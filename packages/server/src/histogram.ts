import type { DurationStats } from './stats.ts';

const STEPS_PER_OCTAVE = 16;
/** Octaves are halves and doubles of this, so that one bucket ends there exactly: the default deadline. */
const MIDDLE_MS = 500;
/** The first bucket ends at 15 µs, the last one after four minutes; what lies outside is counted at the edge. */
const LOWEST_OCTAVE = -15;
const HIGHEST_OCTAVE = 9;
const LOWEST_MS = MIDDLE_MS * 2 ** LOWEST_OCTAVE;
const BUCKET_COUNT = (HIGHEST_OCTAVE - LOWEST_OCTAVE) * STEPS_PER_OCTAVE + 1;
/** Bounds that are told, each the end of a bucket: 3.9 ms to 8 s. */
export const TOLD_BOUNDS_MS: readonly number[] = [-7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4].map(
  (octave) => MIDDLE_MS * 2 ** octave,
);

/**
 * Durations in buckets of 1/16 octave: an upper bound that is at most 4.4 % too high, at a fixed size, however many are recorded.
 * `perf_hooks.createHistogram` would be exact to three digits at several times the cost of the release it measures.
 */
export class DurationHistogram {
  readonly #buckets = new Uint32Array(BUCKET_COUNT);
  readonly #deadlineMs: number;
  #maxMs = 0;
  #totalMs = 0;
  #overDeadline = 0;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  /** `isOverdue`: it was not over by then, only given up: at the deadline, or just before. */
  record(durationMs: number, isOverdue = false): void {
    this.#totalMs += durationMs;
    if (durationMs > this.#maxMs) this.#maxMs = durationMs;
    if (isOverdue || durationMs > this.#deadlineMs) this.#overDeadline += 1;
    const bucket = bucketOf(durationMs);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
  }

  summary(): DurationStats {
    const count = this.#buckets.reduce((sum, inBucket) => sum + inBucket, 0);
    return Object.freeze({
      count,
      p50Ms: this.#percentile(count, 0.5),
      p99Ms: this.#percentile(count, 0.99),
      maxMs: this.#maxMs,
      totalMs: this.#totalMs,
      overDeadline: this.#overDeadline,
      upTo: this.#upTo(),
    });
  }

  #upTo(): DurationStats['upTo'] {
    let counted = 0;
    let sum = 0;
    const told = TOLD_BOUNDS_MS.map((durationMs) => {
      const last = bucketOf(durationMs);
      for (; counted <= last; counted += 1) sum += this.#buckets[counted] ?? 0;
      return Object.freeze({ durationMs, count: sum });
    });
    return Object.freeze(told);
  }

  #percentile(count: number, share: number): number {
    if (count === 0) return 0;
    let remaining = Math.ceil(count * share);
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket += 1) {
      remaining -= this.#buckets[bucket] ?? 0;
      if (remaining <= 0) return Math.min(upperBoundMs(bucket), this.#maxMs);
    }
    return this.#maxMs;
  }
}

function bucketOf(durationMs: number): number {
  if (durationMs <= LOWEST_MS) return 0;
  const bucket = Math.ceil(Math.log2(durationMs / LOWEST_MS) * STEPS_PER_OCTAVE);
  return Math.min(bucket, BUCKET_COUNT - 1);
}

function upperBoundMs(bucket: number): number {
  return LOWEST_MS * 2 ** (bucket / STEPS_PER_OCTAVE);
}
