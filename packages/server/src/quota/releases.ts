import type { Lease } from './lease.ts';
import type { LeaseTerms } from './lease-terms.ts';
import { type LeaseItem, type LeaseStore, MAX_IDS } from './types.ts';
import type { StoreCalls } from './store-calls.ts';
import type { Clock } from '../clock.ts';

/** Leases that could not be given back; more than these run out by themselves. */
const MAX_UNSENT = 100_000;

/**
 * Gives leases back: whatever is freed in one turn of the loop, many users in one command. What cannot be sent is kept until the store is back,
 * however late: one that stood still may first do then what it was asked to before, and count the time of a lease from there.
 */
export class Releases {
  readonly #store: LeaseStore;
  readonly #calls: StoreCalls;
  readonly #clock: Clock;
  readonly #closingForMs: number;
  readonly #isShared: boolean;
  #freed: Lease[] = [];
  #closed: Lease[] = [];
  /** Whose they are. */
  readonly #users = new Set<string>();
  #isScheduled = false;
  readonly #unsent = new Map<string, Lease>();
  #underway = 0;
  #whenIdle: (() => void) | undefined = undefined;

  constructor(
    store: LeaseStore,
    calls: StoreCalls,
    clock: Clock,
    { closingForMs, terms }: { readonly closingForMs: number; readonly terms: LeaseTerms },
  ) {
    this.#store = store;
    this.#calls = calls;
    this.#clock = clock;
    this.#closingForMs = closingForMs;
    this.#isShared = terms.maxPerTenant < Infinity || terms.maxOfFleet < Infinity;
  }

  get waiting(): number {
    return this.#freed.length + this.#closed.length + this.#unsent.size;
  }

  free(lease: Lease): void {
    this.#freed.push(lease);
    this.#schedule(lease);
  }

  /** The holder of a lease that was given back as closing is closed. */
  closed(lease: Lease): void {
    this.#closed.push(lease);
    this.#schedule(lease);
  }

  /** This user asks for a slot: what it may be waiting for is given back first. */
  before(user: string): void {
    if (this.#users.has(user) || (this.#isShared && this.#users.size > 0)) this.flush();
  }

  /** Sends what is waiting, now. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#users.size === 0) return;
    const freed = this.#freed;
    const closed = this.#closed;
    this.#freed = [];
    this.#closed = [];
    this.#users.clear();
    if (this.#calls.isAway) {
      this.#keep(freed);
      return;
    }
    for (const lease of freed) lease.isClosing = !lease.holder.isClosed;
    this.#release(
      freed.filter((lease) => !lease.isClosing),
      0,
    );
    this.#release(
      freed.filter((lease) => lease.isClosing),
      this.#closingForMs,
    );
    // Forgotten by itself if it fails.
    for (const leases of byUser(closed.filter((lease) => lease.isClosing)))
      this.#send(
        () =>
          this.#store.closed(
            leases[0].owner,
            leases.map(({ id }) => id),
          ),
        [],
      );
  }

  /** The store is back. */
  retry(): void {
    for (const lease of this.#unsent.values()) this.free(lease);
    this.#unsent.clear();
    this.flush();
  }

  /** Resolves when everything that was sent has been answered, or has failed. */
  async settled(): Promise<void> {
    this.flush();
    if (this.#underway === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  #schedule({ owner }: Lease): void {
    this.#users.add(owner.user);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.setImmediate(() => this.flush());
  }

  #release(leases: readonly Lease[], closingForMs: number): void {
    const items = byUser(leases);
    const { usersPerCall } = this.#store;
    for (let from = 0; from < items.length; from += usersPerCall) {
      const part = items.slice(from, from + usersPerCall);
      this.#send(() => this.#store.release(part.map(itemOf), closingForMs), part.flat());
    }
  }

  #send(work: () => Promise<void>, leases: readonly Lease[]): void {
    this.#underway += 1;
    this.#calls.call(work).then(
      () => this.#ended(),
      () => {
        this.#keep(leases);
        this.#ended();
      },
    );
  }

  #ended(): void {
    this.#underway -= 1;
    if (this.#underway > 0) return;
    this.#whenIdle?.();
    this.#whenIdle = undefined;
  }

  #keep(leases: readonly Lease[]): void {
    for (const lease of leases) if (this.#unsent.size < MAX_UNSENT) this.#unsent.set(lease.id, lease);
  }
}

type SomeLeases = [Lease, ...Lease[]];

/** Of one user each, and no more than fit into one item. */
function byUser(leases: readonly Lease[]): readonly SomeLeases[] {
  const full: SomeLeases[] = [];
  const items = new Map<string, SomeLeases>();
  for (const lease of leases) {
    const { tenant, user } = lease.owner;
    const key = tenant === '' ? user : `${tenant}\u0000${user}`;
    const item = items.get(key);
    if (item !== undefined && item.length < MAX_IDS) item.push(lease);
    else {
      if (item !== undefined) full.push(item);
      items.set(key, [lease]);
    }
  }
  return [...full, ...items.values()];
}

function itemOf(leases: SomeLeases): LeaseItem {
  return { owner: leases[0].owner, leaseIds: leases.map(({ id }) => id) };
}
