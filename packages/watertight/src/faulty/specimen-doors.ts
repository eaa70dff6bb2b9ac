import { isIPv6 } from 'node:net';
import type { Refusal } from './specimen-admission.ts';
import { nowMs } from './specimen-options.ts';
import type { SpecimenOptions } from './specimen-options.ts';
import type { SpecimenPressure } from './specimen-pressure.ts';
import type { SpecimenRegistry } from './specimen-registry.ts';

/** Parts of an IPv6 address that one customer has as a whole. */
const NETWORK_PARTS = 4;
const PARTS = 8;

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** Who is kept out before the limit of the user is asked: too often, from too full an address, or into too full a process. */
export class SpecimenDoors {
  readonly options: SpecimenOptions;
  readonly #registry: SpecimenRegistry;
  readonly #pressure: SpecimenPressure;
  readonly #buckets: Map<string, Bucket> = new Map();
  /** Nobody comes in any more. */
  draining = false;

  constructor(options: SpecimenOptions, registry: SpecimenRegistry, pressure: SpecimenPressure) {
    this.options = options;
    this.#registry = registry;
    this.#pressure = pressure;
  }

  /** Why not, if not; each question costs a token of the address, one of all together, and one of the user. */
  refusalOf(user: string, address: string | undefined): Refusal['reason'] | undefined {
    if (this.draining) return 'draining';
    const tooOften = this.tooOften(user, address);
    if (tooOften !== undefined) return tooOften;
    if (this.isOverloaded()) return 'overloaded';
    return this.isFull(address) ? 'address-limit' : undefined;
  }

  /** Whoever comes too often costs the others nothing: who is stopped by its own rate takes no token of all. */
  tooOften(user: string, address: string | undefined): Refusal['reason'] | undefined {
    const { maxConnectsPerSecondPerAddress, maxConnectsPerSecond, maxConnectsPerSecondPerUser } = this.options;
    if (address !== undefined && !this.takeToken(this.rateKeyOf(address, user), maxConnectsPerSecondPerAddress))
      return 'address-rate';
    if (!this.takeToken('all', maxConnectsPerSecond)) return 'server-rate';
    return this.takeToken(`user ${user}`, maxConnectsPerSecondPerUser) ? undefined : 'user-rate';
  }

  /** Whose bucket somebody takes from who comes from an address. */
  rateKeyOf(address: string, _user: string): string {
    return `address ${this.groupOf(address)}`;
  }

  takeToken(key: string, perSecond: number | false): boolean {
    if (perSecond === false) return true;
    const most = Math.max(1, (perSecond * this.options.connectBurstMs) / 1_000);
    const bucket = this.#buckets.get(key) ?? { tokens: most, filledAtMs: nowMs() };
    this.#buckets.set(key, bucket);
    const elapsedMs = nowMs() - bucket.filledAtMs;
    bucket.tokens = Math.min(most, bucket.tokens + this.refill(elapsedMs, perSecond));
    bucket.filledAtMs += elapsedMs;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** Tokens that come up in a time. */
  refill(elapsedMs: number, perSecond: number): number {
    return (elapsedMs * perSecond) / 1_000;
  }

  isOverloaded(): boolean {
    const { maxManagers, overloadThreshold } = this.options;
    if (this.#pressure.overloaded) return true;
    return overloadThreshold !== false && this.#registry.all().length >= Math.ceil(maxManagers * overloadThreshold);
  }

  isFull(address: string | undefined): boolean {
    const { maxManagersPerAddress } = this.options;
    if (maxManagersPerAddress === false || address === undefined) return false;
    const group = this.groupOf(address);
    const held = this.#registry.all().filter((manager) => manager.address !== undefined && this.groupOf(manager.address) === group); // prettier-ignore
    return held.length >= maxManagersPerAddress;
  }

  /** So many that somebody is there from. */
  get addresses(): number {
    const known = this.#registry.all().flatMap(({ address }) => (address === undefined ? [] : this.groupOf(address)));
    return new Set(known).size;
  }

  /** Whom an address belongs to: itself, or its IPv6 network. */
  groupOf(address: string): string {
    if (!isIPv6(address)) return address;
    const [before = '', after] = address.split('::');
    const head = before.split(':').filter((part) => part !== '');
    const tail = after?.split(':').filter((part) => part !== '') ?? [];
    const gap = Array.from({ length: Math.max(0, PARTS - head.length - tail.length) }, () => '0');
    return [...head, ...gap, ...tail].slice(0, NETWORK_PARTS).join(':');
  }
}
