import type { Clock } from './clock.ts';
import type { AdmissionRequest } from './context.ts';
import type { Host } from './host.ts';
import { type Refusal, type RefusalReason, refuse } from './refusals.ts';
import { addressGroup } from './remote-address.ts';
import { TokenBuckets } from './token-buckets.ts';

/** The one key of the bucket that everybody shares. */
const ALL = '';

/** How often clients may connect: by remote address, all together, and by user. */
export class ConnectRates {
  readonly #clock: Clock;
  readonly #byAddress: TokenBuckets | undefined;
  readonly #overall: TokenBuckets | undefined;
  readonly #byUser: TokenBuckets | undefined;

  private constructor(host: Host) {
    this.#clock = host.clock;
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
    return this.#takeOfAll(undefined, remoteAddress, true);
  }

  /** Of an arrival that was counted already. */
  refusalOfUser(user: string): Refusal | undefined {
    return this.#takeOfAll(user, undefined, false);
  }

  /** Of both at once: whoever is refused for one takes nothing of the other. */
  refusalOfAttempt({ user, remoteAddress }: AdmissionRequest): Refusal | undefined {
    return this.#takeOfAll(user, remoteAddress ?? undefined, true);
  }

  /** Takes a token of each that is named, or of none: who is refused takes nothing. Nothing is made on the way: every attempt comes here. */
  #takeOfAll(user: string | undefined, remoteAddress: string | undefined, arrives: boolean): Refusal | undefined {
    const nowMs = this.#clock.now();
    const byAddress = remoteAddress === undefined ? undefined : this.#byAddress;
    const address = byAddress === undefined || remoteAddress === undefined ? '' : addressGroup(remoteAddress);
    const overall = arrives ? this.#overall : undefined;
    const byUser = user === undefined ? undefined : this.#byUser;
    const refusal =
      refusalOf('address-rate', byAddress?.waitMs(address, nowMs)) ??
      refusalOf('server-rate', overall?.waitMs(ALL, nowMs)) ??
      refusalOf('user-rate', byUser?.waitMs(user ?? '', nowMs));
    if (refusal !== undefined) return refusal;
    byAddress?.take(address, nowMs);
    overall?.take(ALL, nowMs);
    byUser?.take(user ?? '', nowMs);
    return undefined;
  }
}

function bucketsOf(host: Host, perSecond: number | false): TokenBuckets | undefined {
  return perSecond === false ? undefined : new TokenBuckets(host, { perSecond, burstMs: host.options.connectBurstMs });
}

function refusalOf(reason: RefusalReason, waitMs = 0): Refusal | undefined {
  return waitMs > 0 ? refuse(reason, { retryAfterMs: Math.ceil(waitMs) }) : undefined;
}
