import type { Lease } from './lease.ts';
import type { LeaseOwner, LeaseStore } from './types.ts';
import type { StoreCalls } from './store-calls.ts';
import type { Clock } from '../clock.ts';

/** Leases that could not be given back; the store forgets more than these by itself. */
const MAX_UNSENT = 100_000;

/** What one user gives back in one turn of the loop. */
interface Batch {
  readonly owner: LeaseOwner;
  readonly gone: string[];
  readonly closing: string[];
  readonly closed: string[];
}

/**
 * Gives leases back: whatever is freed in one turn of the loop, a command a user. What cannot be sent is kept until the store is back, or has
 * forgotten it anyway.
 */
export class Releases {
  readonly #store: LeaseStore;
  readonly #calls: StoreCalls;
  readonly #clock: Clock;
  readonly #closingForMs: number;
  #freed: Lease[] = [];
  #closed: Lease[] = [];
  #isScheduled = false;
  readonly #unsent = new Map<string, { readonly lease: Lease; readonly untilMs: number }>();
  readonly #ttlMs: number;
  #underway = 0;
  #whenIdle: (() => void) | undefined = undefined;

  constructor(
    store: LeaseStore,
    calls: StoreCalls,
    clock: Clock,
    { closingForMs, ttlMs }: { readonly closingForMs: number; readonly ttlMs: number },
  ) {
    this.#store = store;
    this.#calls = calls;
    this.#clock = clock;
    this.#closingForMs = closingForMs;
    this.#ttlMs = ttlMs;
  }

  get waiting(): number {
    return this.#freed.length + this.#closed.length + this.#unsent.size;
  }

  free(lease: Lease): void {
    this.#freed.push(lease);
    this.#schedule();
  }

  /** The holder of a lease that was given back as closing is closed. */
  closed(lease: Lease): void {
    this.#closed.push(lease);
    this.#schedule();
  }

  /** Sends what is waiting, now: before whoever wants the slot asks for it. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#freed.length === 0 && this.#closed.length === 0) return;
    const freed = this.#freed;
    const closed = this.#closed;
    this.#freed = [];
    this.#closed = [];
    const batches = new Map<string, Batch>();
    for (const lease of freed) {
      lease.isClosing = !lease.holder.isClosed;
      const batch = batchOf(batches, lease);
      (lease.isClosing ? batch.closing : batch.gone).push(lease.id);
    }
    if (this.#calls.awaySinceMs !== undefined) {
      this.#keep(freed, new Set(freed.map(({ id }) => id)));
      return;
    }
    for (const lease of closed) if (lease.isClosing) batchOf(batches, lease).closed.push(lease.id);
    for (const { owner, gone, closing, closed: ended } of batches.values()) {
      if (gone.length > 0) this.#send(() => this.#store.release(owner, gone, 0), freed, gone);
      if (closing.length > 0) this.#send(() => this.#store.release(owner, closing, this.#closingForMs), freed, closing);
      // Forgotten by itself if it fails.
      if (ended.length > 0) this.#send(() => this.#store.closed(owner, ended), [], []);
    }
  }

  /** The store is back. */
  retry(): void {
    const nowMs = this.#clock.now();
    for (const { lease, untilMs } of this.#unsent.values()) if (nowMs < untilMs) this.#freed.push(lease);
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

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.setImmediate(() => this.flush());
  }

  #send(work: () => Promise<void>, leases: readonly Lease[], leaseIds: readonly string[]): void {
    this.#underway += 1;
    this.#calls.call(work).then(
      () => this.#ended(),
      () => {
        this.#keep(leases, new Set(leaseIds));
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

  #keep(leases: readonly Lease[], leaseIds: ReadonlySet<string>): void {
    const untilMs = this.#clock.now() + this.#ttlMs;
    for (const lease of leases)
      if (leaseIds.has(lease.id) && this.#unsent.size < MAX_UNSENT) this.#unsent.set(lease.id, { lease, untilMs });
  }
}

function batchOf(batches: Map<string, Batch>, { owner }: Lease): Batch {
  const key = `${owner.tenant}\u0000${owner.user}`;
  const known = batches.get(key);
  if (known !== undefined) return known;
  const batch: Batch = { owner, gone: [], closing: [], closed: [] };
  batches.set(key, batch);
  return batch;
}
