import type { Lease } from './lease.ts';

/** The leases that this node has, by user. Counts are sizes. */
export class LeaseBook {
  readonly #users = new Map<string, Map<string, Lease>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(lease: Lease): void {
    const { user } = lease.owner;
    const leases = this.#users.get(user) ?? new Map<string, Lease>();
    if (leases.size === 0) this.#users.set(user, leases);
    if (!leases.has(lease.id)) this.#size += 1;
    leases.set(lease.id, lease);
  }

  remove(lease: Lease): void {
    const { user } = lease.owner;
    const leases = this.#users.get(user);
    if (leases?.delete(lease.id) !== true) return;
    this.#size -= 1;
    if (leases.size === 0) this.#users.delete(user);
  }

  /** A copy: callers may end leases while they walk. */
  of(user: string): readonly Lease[] {
    return [...(this.#users.get(user)?.values() ?? [])];
  }

  users(): IterableIterator<string> {
    return this.#users.keys();
  }

  /** Leases of a user that no store knows of. */
  unconfirmedOf(user: string): number {
    let count = 0;
    for (const { state } of this.#users.get(user)?.values() ?? []) if (state === 'unconfirmed') count += 1;
    return count;
  }
}
