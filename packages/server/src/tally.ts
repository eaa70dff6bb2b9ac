import { DurationHistogram } from './histogram.ts';
import type { RefusalReason } from './refusals.ts';
import type { EarlyBounds, RefusalBounds } from './stats.ts';

/** Release reasons are the caller's to choose; beyond this many different ones they are counted together. */
const MAX_REASONS = 64;
const OTHER_REASONS = 'other';

/** Refusals that are limit hits. */
const LIMITS: ReadonlySet<RefusalReason> = new Set([
  'user-limit',
  'server-limit',
  'address-limit',
  'tenant-limit',
  'fleet-limit',
]);

/** What only ever grows: totals and durations. Nothing here says how many of anything there are now. */
export class Tally {
  created = 0;
  released = 0;
  limitHits = 0;
  readonly refusalAnswers = { close: 0, http: 0, destroy: 0 };
  /** One of each adapter. */
  readonly refusalBounds = new Set<RefusalBounds>();
  readonly earlyBounds = new Set<EarlyBounds>();
  asked = 0;
  stuckClosing = 0;
  longestSliceMs = 0;
  readonly #released = new Map<string, { count: number }>();
  readonly refusedByReason = new Map<string, number>();
  readonly slotReusable: DurationHistogram;
  readonly socketGone: DurationHistogram;
  readonly finalizersDone: DurationHistogram;

  constructor(deadlineMs: number) {
    this.slotReusable = new DurationHistogram(deadlineMs);
    this.socketGone = new DurationHistogram(deadlineMs);
    this.finalizersDone = new DurationHistogram(deadlineMs);
  }

  /** Of all adapters together. */
  get refusalBudget(): RefusalBounds {
    const all = [...this.refusalBounds];
    const sum = (of: (bounds: RefusalBounds) => number | null): number | null => {
      const total = all.length === 0 ? Infinity : all.reduce((before, bounds) => before + (of(bounds) ?? Infinity), 0);
      return total === Infinity ? null : total;
    };
    return { close: sum(({ close }) => close), http: sum(({ http }) => http) };
  }

  /** Of that adapter which takes the most. */
  get earlyBudget(): EarlyBounds {
    const all = [...this.earlyBounds];
    const most = (of: (bounds: EarlyBounds) => number | null): number | null => {
      const largest = all.length === 0 ? Infinity : Math.max(...all.map((bounds) => of(bounds) ?? Infinity));
      return largest === Infinity ? null : largest;
    };
    return { bytes: most(({ bytes }) => bytes), messages: most(({ messages }) => messages) };
  }

  /** Many were asked or closed in slices. */
  noteSlice(durationMs: number): void {
    if (durationMs > this.longestSliceMs) this.longestSliceMs = durationMs;
  }

  countRelease(reason: string): void {
    this.released += 1;
    const counter = this.#released.get(reason) ?? this.#counterFor(reason);
    counter.count += 1;
  }

  #counterFor(reason: string): { count: number } {
    const key = this.#released.size < MAX_REASONS ? reason : OTHER_REASONS;
    const counter = this.#released.get(key) ?? { count: 0 };
    this.#released.set(key, counter);
    return counter;
  }

  get releasedByReason(): ReadonlyMap<string, number> {
    return new Map([...this.#released].map(([reason, { count }]) => [reason, count]));
  }

  countRefusal(reason: RefusalReason): void {
    if (LIMITS.has(reason)) this.limitHits += 1;
    increment(this.refusedByReason, reason);
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
