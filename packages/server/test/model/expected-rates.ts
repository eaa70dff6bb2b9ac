import type { AdmissionRequest } from '../../src/context.ts';
import type { Refusal, RefusalReason } from '../../src/refusals.ts';
import { CONNECT_BURST_MS, type Rates } from './conditions.ts';
import { demand } from './demand.ts';

/** What one attempt costs: a bucket gains as many a millisecond as its rate is a second. */
const PRICE = 1000;

interface Bucket {
  held: number;
  atMs: number;
}

/** What a rate lets in, counted plainly: a bucket for each key, which is kept for ever. */
class ExpectedRate {
  readonly reason: RefusalReason;
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(reason: RefusalReason, perSecond: number) {
    this.reason = reason;
    this.#perSecond = perSecond;
  }

  waitMs(key: string, nowMs: number): number {
    return Math.ceil(Math.max(0, PRICE - this.#bucket(key, nowMs).held) / this.#perSecond);
  }

  take(key: string, nowMs: number): void {
    this.#bucket(key, nowMs).held -= PRICE;
  }

  #bucket(key: string, nowMs: number): Bucket {
    const room = Math.max(PRICE, this.#perSecond * CONNECT_BURST_MS);
    const bucket = this.#buckets.get(key) ?? { held: room, atMs: nowMs };
    bucket.held = Math.min(room, bucket.held + (nowMs - bucket.atMs) * this.#perSecond);
    bucket.atMs = nowMs;
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

/** What has to become of an attempt as far as rates go; `undefined`: it is not their business. */
export interface ExpectedRefusal {
  readonly reason: RefusalReason;
  readonly retryAfterMs: number;
}

/** Says of each attempt beforehand whether it comes too often. */
export class ExpectedRates {
  readonly #byAddress: ExpectedRate | undefined;
  readonly #overall: ExpectedRate | undefined;
  readonly #byUser: ExpectedRate | undefined;

  constructor({ maxConnectsPerSecondPerUser, maxConnectsPerSecondPerAddress, maxConnectsPerSecond }: Rates) {
    this.#byAddress = rateOf('address-rate', maxConnectsPerSecondPerAddress);
    this.#overall = rateOf('server-rate', maxConnectsPerSecond);
    this.#byUser = rateOf('user-rate', maxConnectsPerSecondPerUser);
  }

  attempt({ user, remoteAddress }: AdmissionRequest, nowMs: number): ExpectedRefusal | undefined {
    const asked: (readonly [ExpectedRate | undefined, string])[] = [
      [remoteAddress === undefined ? undefined : this.#byAddress, remoteAddress ?? ''],
      [this.#overall, ''],
      [this.#byUser, user],
    ];
    for (const [rate, key] of asked) {
      const retryAfterMs = rate?.waitMs(key, nowMs) ?? 0;
      if (rate !== undefined && retryAfterMs > 0) return { reason: rate.reason, retryAfterMs };
    }
    for (const [rate, key] of asked) rate?.take(key, nowMs);
    return undefined;
  }
}

function rateOf(reason: RefusalReason, perSecond: number | false): ExpectedRate | undefined {
  return perSecond === false ? undefined : new ExpectedRate(reason, perSecond);
}

/** Refused for its rate where that was expected, and told the very time; and nobody else. */
export function demandAsExpected(expected: ExpectedRefusal | undefined, refusal: Refusal | undefined): void {
  if (expected === undefined) {
    demand(
      refusal === undefined || !refusal.reason.endsWith('-rate'),
      `refused in spite of its rate: ${refusal?.reason}`,
    );
    return;
  }
  const { reason, retryAfterMs } = expected;
  demand(refusal?.reason === reason, `${refusal?.reason ?? 'admitted'}, where ${reason} was expected`);
  demand(
    refusal?.retryAfterMs === retryAfterMs,
    `told ${refusal?.retryAfterMs} ms where ${retryAfterMs} were expected`,
  );
}
