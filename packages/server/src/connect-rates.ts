import type { AdmissionRequest } from './context.ts';
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
    return takeOfAll(this.#ofArrival(remoteAddress));
  }

  /** Of an arrival that was counted already. */
  refusalOfUser(user: string): Refusal | undefined {
    return takeOfAll([this.#ofUser(user)]);
  }

  /** Of both at once: whoever is refused for one takes nothing of the other. */
  refusalOfAttempt({ user, remoteAddress }: AdmissionRequest): Refusal | undefined {
    return takeOfAll([...this.#ofArrival(remoteAddress), this.#ofUser(user)]);
  }

  #ofArrival(remoteAddress: string | undefined): readonly Share[] {
    const overall: Share = { reason: 'server-rate', buckets: this.#overall, key: '' };
    return this.#byAddress === undefined || remoteAddress === undefined
      ? [overall]
      : [{ reason: 'address-rate', buckets: this.#byAddress, key: addressGroup(remoteAddress) }, overall];
  }

  #ofUser(user: string): Share {
    return { reason: 'user-rate', buckets: this.#byUser, key: user };
  }
}

/** One of the buckets that an attempt needs a token of. */
interface Share {
  readonly reason: RefusalReason;
  readonly buckets: TokenBuckets | undefined;
  readonly key: string;
}

function bucketsOf(host: Host, perSecond: number | false): TokenBuckets | undefined {
  return perSecond === false ? undefined : new TokenBuckets(host, { perSecond, burstMs: host.options.connectBurstMs });
}

/** Takes a token of each, or of none: who is refused takes nothing. */
function takeOfAll(shares: readonly Share[]): Refusal | undefined {
  for (const { reason, buckets, key } of shares) {
    const waitMs = buckets?.waitMs(key) ?? 0;
    if (waitMs > 0) return refuse(reason, { retryAfterMs: Math.ceil(waitMs) });
  }
  for (const { buckets, key } of shares) buckets?.take(key);
  return undefined;
}
