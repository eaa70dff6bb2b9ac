import type { Clock } from './clock.ts';
import { Deadline, type DeadlineQueue } from './deadline-queue.ts';

/** Buckets that are remembered at once; beyond, the one used longest ago is forgotten early and counts as full. */
export const MAX_BUCKETS = 65_536;
/** Full buckets are as good as none: they are forgotten this often, so many at a time. */
const FORGET_EVERY_MS = 1000;
const FORGOTTEN_AT_ONCE = 5000;
/** Rounding must not put off what is due. */
const EPSILON_MS = 1e-6;

/**
 * Token buckets, one a key: each gains `perSecond` tokens a second until it has as many as arrive in `burstMs`, at least one. All
 * that is kept of a bucket is when it will be full; one that is full is not kept at all.
 */
export class TokenBuckets extends Deadline {
  readonly #clock: Clock;
  readonly #deadlines: DeadlineQueue;
  readonly #everyMs: number;
  readonly #toleranceMs: number;
  /** By key, the one used longest ago first. */
  readonly #fullAtMs = new Map<string, number>();
  #lastKey: string | undefined = undefined;

  constructor(
    { clock, deadlines }: { readonly clock: Clock; readonly deadlines: DeadlineQueue },
    { perSecond, burstMs }: { readonly perSecond: number; readonly burstMs: number },
  ) {
    super();
    this.#clock = clock;
    this.#deadlines = deadlines;
    this.#everyMs = 1000 / perSecond;
    this.#toleranceMs = Math.max(0, burstMs - this.#everyMs) + EPSILON_MS;
  }

  /** Buckets that are not full. */
  get size(): number {
    return this.#fullAtMs.size;
  }

  /** 0, or in how many milliseconds there is a token. */
  waitMs(key: string): number {
    const fullAtMs = this.#fullAtMs.get(key);
    return fullAtMs === undefined ? 0 : Math.max(0, fullAtMs - this.#clock.now() - this.#toleranceMs);
  }

  /** Takes a token. Answers 0, or in how many milliseconds there is one; nothing is taken then. */
  take(key: string): number {
    const waitMs = this.waitMs(key);
    if (waitMs > 0) return waitMs;
    const nowMs = this.#clock.now();
    const fullAtMs = Math.max(this.#fullAtMs.get(key) ?? nowMs, nowMs);
    if (key !== this.#lastKey) this.#fullAtMs.delete(key);
    this.#lastKey = key;
    this.#fullAtMs.set(key, fullAtMs + this.#everyMs);
    if (this.#fullAtMs.size > MAX_BUCKETS) this.#forgetOldest();
    if (this.lane === undefined) this.#deadlines.schedule(this, FORGET_EVERY_MS, nowMs);
    return 0;
  }

  override onDue(nowMs: number): void {
    let forgotten = 0;
    for (const [key, fullAtMs] of this.#fullAtMs) {
      if (fullAtMs > nowMs || forgotten >= FORGOTTEN_AT_ONCE) break;
      this.#fullAtMs.delete(key);
      forgotten += 1;
    }
    if (this.#fullAtMs.size > 0) this.#deadlines.schedule(this, FORGET_EVERY_MS, nowMs);
  }

  #forgetOldest(): void {
    for (const key of this.#fullAtMs.keys()) {
      this.#fullAtMs.delete(key);
      return;
    }
  }
}
