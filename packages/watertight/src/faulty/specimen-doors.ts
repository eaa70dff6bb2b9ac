import { isIPv6 } from 'node:net';
import type { Refusal } from './specimen-admission.ts';
import { nowMs } from './specimen-options.ts';
import type { SpecimenOptions } from './specimen-options.ts';
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
  readonly #options: SpecimenOptions;
  readonly #registry: SpecimenRegistry;
  readonly #buckets: Map<string, Bucket> = new Map();
  /** Nobody comes in any more. */
  draining = false;

  constructor(options: SpecimenOptions, registry: SpecimenRegistry) {
    this.#options = options;
    this.#registry = registry;
  }

  /** Why not, if not; each question costs the user a token. */
  refusalOf(user: string, address: string | undefined): Refusal['reason'] | undefined {
    if (this.draining) return 'draining';
    if (!this.takeToken(user)) return 'user-rate';
    if (this.isOverloaded()) return 'overloaded';
    return this.isFull(address) ? 'address-limit' : undefined;
  }

  takeToken(user: string): boolean {
    const { maxConnectsPerSecondPerUser: perSecond, connectBurstMs } = this.#options;
    if (perSecond === false) return true;
    const most = Math.max(1, (perSecond * connectBurstMs) / 1_000);
    const bucket = this.#buckets.get(user) ?? { tokens: most, filledAtMs: nowMs() };
    this.#buckets.set(user, bucket);
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
    const { maxManagers, overloadThreshold } = this.#options;
    return overloadThreshold !== false && this.#registry.all().length >= Math.ceil(maxManagers * overloadThreshold);
  }

  isFull(address: string | undefined): boolean {
    const { maxManagersPerAddress } = this.#options;
    if (maxManagersPerAddress === false || address === undefined) return false;
    const group = this.groupOf(address);
    const held = this.#registry.all().filter((manager) => manager.address !== undefined && this.groupOf(manager.address) === group); // prettier-ignore
    return held.length >= maxManagersPerAddress;
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
