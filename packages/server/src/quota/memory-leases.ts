import { ExpiringIds } from './expiring-ids.ts';
import type { LeaseFate, LeaseOwner } from './types.ts';

export interface UserLeases {
  readonly owner: LeaseOwner;
  readonly held: ExpiringIds;
  readonly closing: ExpiringIds;
  /** Leases that were taken away, and why; their nodes may not know yet. */
  readonly gone: Map<string, LeaseFate>;
}

/** One that was taken away, and when the last node that may not know it has asked. */
interface Gone {
  readonly leases: UserLeases;
  readonly leaseId: string;
  readonly untilMs: number;
}

/** The leases of a store in this process: by user, by tenant and all together, each known where it counts. */
export class MemoryLeases {
  readonly #now: () => number;
  readonly #users = new Map<string, UserLeases>();
  readonly #tenants = new Map<string, ExpiringIds>();
  readonly #fleet = new ExpiringIds();
  /** Of other users than those who were looked after: too many for their tenant or the fleet, and their nodes do not know yet. */
  readonly #scopeGone = new Set<string>();
  /** In the order in which they are forgotten. */
  readonly #gone: Gone[] = [];
  readonly #goneForMs: number;

  constructor(now: () => number, goneForMs: number) {
    this.#now = now;
    this.#goneForMs = goneForMs;
  }

  get userCount(): number {
    return this.#users.size;
  }

  users(): IterableIterator<UserLeases> {
    return this.#users.values();
  }

  /** Whoever is only asked about is not kept. */
  of(owner: LeaseOwner): UserLeases {
    return (
      this.#users.get(keyOf(owner)) ?? {
        owner,
        held: new ExpiringIds(),
        closing: new ExpiringIds(),
        gone: new Map(),
      }
    );
  }

  /** Without those whose time is over. */
  purged(owner: LeaseOwner, nowMs: number): UserLeases {
    const leases = this.of(owner);
    leases.held.dropExpired(nowMs);
    leases.closing.dropExpired(nowMs);
    this.settle(leases);
    return leases;
  }

  /** What counts for a user beside its own, likewise. */
  scopes({ tenant }: LeaseOwner, nowMs: number): { readonly tenant: ExpiringIds; readonly fleet: ExpiringIds } {
    const ofTenant = this.#tenants.get(tenant) ?? new ExpiringIds();
    ofTenant.dropExpired(nowMs);
    this.#fleet.dropExpired(nowMs);
    return { tenant: ofTenant, fleet: this.#fleet };
  }

  /** From now on it is held, for a while longer where it was before. */
  put(leases: UserLeases, id: string, deadlineMs: number): void {
    const { tenant } = leases.owner;
    leases.held.set(id, deadlineMs);
    this.#users.set(keyOf(leases.owner), leases);
    this.#fleet.set(id, deadlineMs);
    if (tenant === '') return;
    const ofTenant = this.#tenants.get(tenant) ?? new ExpiringIds();
    ofTenant.set(id, deadlineMs);
    this.#tenants.set(tenant, ofTenant);
  }

  /** It is held no more, and nobody has to hear of it. */
  drop({ held, owner: { tenant } }: UserLeases, id: string): void {
    held.delete(id);
    this.#fleet.delete(id);
    this.#scopeGone.delete(id);
    const ofTenant = this.#tenants.get(tenant);
    ofTenant?.delete(id);
    if (ofTenant?.size === 0) this.#tenants.delete(tenant);
  }

  /** It is held no more, and its node hears of it when it renews the lease. */
  takeAway(leases: UserLeases, id: string, fate: LeaseFate): void {
    const nowMs = this.#now();
    this.forgetGone(nowMs);
    this.drop(leases, id);
    leases.gone.set(id, fate);
    this.#gone.push({ leases, leaseId: id, untilMs: nowMs + this.#goneForMs });
  }

  /** The same for a lease of another user than the one that is looked after: only its id is known. */
  takeElsewhere(id: string): void {
    this.#scopeGone.add(id);
    for (const scope of [...this.#tenants.values(), this.#fleet]) scope.delete(id);
  }

  /** Whether it was taken by {@link takeElsewhere}; says so once. */
  hearsOfTaking(id: string): boolean {
    return this.#scopeGone.delete(id);
  }

  /** Whoever had them has asked by now, or is dead. */
  forgetGone(nowMs: number): void {
    const first = this.#gone.findIndex(({ untilMs }) => untilMs > nowMs);
    for (const { leases, leaseId } of this.#gone.splice(0, first === -1 ? this.#gone.length : first)) {
      leases.gone.delete(leaseId);
      this.settle(leases);
    }
  }

  /** Kept for as long as there is anything to be known of it. */
  settle(leases: UserLeases): void {
    const { owner, held, closing, gone } = leases;
    if (held.size + closing.size + gone.size === 0) this.#users.delete(keyOf(owner));
    else this.#users.set(keyOf(owner), leases);
  }
}

export function keyOf({ user, tenant }: LeaseOwner): string {
  return `${tenant}\u0000${user}`;
}
