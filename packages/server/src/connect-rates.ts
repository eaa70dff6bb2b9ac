import type { Host } from './host.ts';
import { type Refusal, type RefusalReason, refuse } from './refusals.ts';
import { addressGroup } from './remote-address.ts';
import { TokenBuckets } from './token-buckets.ts';

/** How often clients may connect: by remote address, all together, and by user. */
export class ConnectRates {
  readonly #byAddress: TokenBuckets | undefined;
  readonly #overall: TokenBuckets | undefined;
  readonly #byUser: TokenBuckets | undefined;

  private constructor(host: Host) {
    const { maxConnectsPerSecondPerAddress, maxConnectsPerSecond, maxConnectsPerSecondPerUser } = host.options;
    this.#byAddress = bucketsOf(host, maxConnectsPerSecondPerAddress);
    this.#overall = bucketsOf(host, maxConnectsPerSecond);
    this.#byUser = bucketsOf(host, maxConnectsPerSecondPerUser);
  }

  /** `undefined` where every rate is off. */
  static of(host: Host): ConnectRates | undefined {
    const rates = new ConnectRates(host);
    return rates.#byAddress === undefined && rates.#overall === undefined && rates.#byUser === undefined
      ? undefined
      : rates;
  }

  /** Whether there is anything to be counted before anybody is asked who it is. */
  get screens(): boolean {
    return this.#byAddress !== undefined || this.#overall !== undefined;
  }

  get trackedUsers(): number {
    return this.#byUser?.size ?? 0;
  }

  get trackedAddresses(): number {
    return this.#byAddress?.size ?? 0;
  }

  /** Who comes from where, before anybody is asked who it is. An address over its rate costs the others nothing. */
  refusalOfArrival(remoteAddress: string | undefined): Refusal | undefined {
    const ofAddress =
      remoteAddress === undefined ? undefined : refusalOf('address-rate', this.#byAddress, addressGroup(remoteAddress));
    return ofAddress ?? refusalOf('server-rate', this.#overall, '');
  }

  refusalOfUser(user: string): Refusal | undefined {
    return refusalOf('user-rate', this.#byUser, user);
  }
}

function bucketsOf(host: Host, perSecond: number | false): TokenBuckets | undefined {
  return perSecond === false ? undefined : new TokenBuckets(host, { perSecond, burstMs: host.options.connectBurstMs });
}

function refusalOf(reason: RefusalReason, buckets: TokenBuckets | undefined, key: string): Refusal | undefined {
  const waitMs = buckets?.take(key) ?? 0;
  return waitMs === 0 ? undefined : refuse(reason, { retryAfterMs: Math.ceil(waitMs) });
}
