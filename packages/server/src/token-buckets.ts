import { Chain, type Linked } from './chain.ts';
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
  readonly #deadlines: DeadlineQueue;
  readonly #everyMs: number;
  readonly #toleranceMs: number;
  readonly #byKey = new Map<string, Bucket>();
  /** The one used longest ago first. The map knows no such thing cheaply: whoever asks it for its first walks over all that were deleted. */
  readonly #byUse = new Chain<Bucket>();

  constructor(
    { deadlines }: { readonly deadlines: DeadlineQueue },
    { perSecond, burstMs }: { readonly perSecond: number; readonly burstMs: number },
  ) {
    super();
    this.#deadlines = deadlines;
    this.#everyMs = 1000 / perSecond;
    this.#toleranceMs = Math.max(0, burstMs - this.#everyMs) + EPSILON_MS;
  }

  /** Buckets that are not full. */
  get size(): number {
    return this.#byKey.size;
  }

  /** 0, or in how many milliseconds there is a token. */
  waitMs(key: string, nowMs: number): number {
    const bucket = this.#byKey.get(key);
    return bucket === undefined ? 0 : Math.max(0, bucket.fullAtMs - nowMs - this.#toleranceMs);
  }

  /** Takes a token; the caller has just looked at {@link waitMs} in the same synchronous stretch. */
  take(key: string, nowMs: number): void {
    const known = this.#byKey.get(key);
    const bucket = known ?? new Bucket(key, nowMs);
    bucket.fullAtMs = Math.max(bucket.fullAtMs, nowMs) + this.#everyMs;
    if (known === undefined) this.#byKey.set(key, bucket);
    else this.#byUse.delete(bucket);
    this.#byUse.add(bucket);
    if (this.#byKey.size > MAX_BUCKETS) this.#forgetOldest();
    if (this.lane === undefined) this.#deadlines.schedule(this, FORGET_EVERY_MS, nowMs);
  }

  override onDue(nowMs: number): void {
    for (let forgotten = 0; forgotten < FORGOTTEN_AT_ONCE; forgotten += 1) {
      const { first } = this.#byUse;
      if (first === undefined || first.fullAtMs > nowMs) break;
      this.#forgetOldest();
    }
    if (this.#byKey.size > 0) this.#deadlines.schedule(this, FORGET_EVERY_MS, nowMs);
  }

  #forgetOldest(): void {
    const { first } = this.#byUse;
    if (first === undefined) return;
    this.#byUse.delete(first);
    this.#byKey.delete(first.key);
  }
}

class Bucket implements Linked<Bucket> {
  readonly key: string;
  fullAtMs: number;
  previous: Bucket | undefined = undefined;
  next: Bucket | undefined = undefined;

  constructor(key: string, fullAtMs: number) {
    this.key = key;
    this.fullAtMs = fullAtMs;
  }
}
