import type { Clock } from '../clock.ts';
import type { Lease } from './lease.ts';
import type { LeaseBook } from './lease-book.ts';
import type { LeaseTerms } from './lease-terms.ts';
import type { StoreCalls } from './store-calls.ts';
import type { StoreClock } from './store-clock.ts';
import {
  type LeaseFate,
  type LeaseLimits,
  type LeaseOwner,
  type LeaseStore,
  type LostPolicy,
  MAX_IDS,
  type RenewItem,
} from './types.ts';

/** Commands of one renewal that may be under way at once. */
const MAX_UNDERWAY = 8;

/** What renewing has to know, and whom it tells. */
export interface RenewalHost {
  readonly store: LeaseStore;
  readonly terms: LeaseTerms;
  readonly calls: StoreCalls;
  readonly clock: Clock;
  readonly storeClock: StoreClock;
  readonly book: LeaseBook;
  limitsOf(owner: LeaseOwner): LeaseLimits;
  renewed(lease: Lease, sentAtMs: number): void;
  missing(lease: Lease, fate: LeaseFate, sentAtMs: number): void;
  /** Leases of other nodes are one too many. */
  overElsewhere(user: string, leaseIds: readonly string[]): void;
  /** Leases of other users are too many for their tenant or the fleet. */
  overSomewhere(leaseIds: readonly string[]): void;
}

/** Leases of one user, and what the store is asked about them. */
interface Batch {
  readonly leases: readonly Lease[];
  readonly item: RenewItem;
  readonly policy: LostPolicy;
}

/** Renews every lease whose holder lives, batch by batch; between two batches the event loop has its turn. */
export class Renewal {
  readonly #host: RenewalHost;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(host: RenewalHost) {
    this.#host = host;
  }

  /** All of them. Asked for while it runs: once more after it, as what has just been renewed may have been forgotten since. */
  all(): Promise<void> {
    if (this.#running !== undefined) {
      this.#again = true;
      return this.#running;
    }
    const startedAtMs = this.#host.clock.now();
    this.#running = this.#run(this.#host.book.users()).finally(() => {
      this.#running = undefined;
      this.#host.calls.renewedAll(startedAtMs);
      if (!this.#again) return;
      this.#again = false;
      void this.all();
    });
    return this.#running;
  }

  /** Those of one user. */
  async of(user: string): Promise<void> {
    await this.#run([user][Symbol.iterator]());
  }

  async #run(users: Iterator<string>): Promise<void> {
    await Promise.all(Array.from({ length: MAX_UNDERWAY }, () => this.#work(users)));
  }

  async #work(users: Iterator<string>): Promise<void> {
    for (;;) {
      const batches = this.#take(users);
      if (batches.length === 0) return;
      await this.#renew(batches);
      // A store in this process answers before anything else has its turn.
      await new Promise<void>((resolve) => this.#host.clock.setImmediate(resolve));
    }
  }

  #take(users: Iterator<string>): Batch[] {
    const batches: Batch[] = [];
    while (batches.length < this.#host.store.usersPerCall) {
      const next = users.next();
      if (next.done === true) break;
      batches.push(...this.#batchesOf(next.value));
    }
    return batches;
  }

  #batchesOf(user: string): Batch[] {
    const nowMs = this.#host.clock.now();
    const live = this.#host.book.of(user).filter((lease) => lease.isOn && lease.holder.isLive(nowMs));
    // Whose tenant a user is may not have been known when some of them were taken: each stays where it is.
    const tenants = new Set(live.map(({ owner }) => owner.tenant));
    return [...tenants].flatMap((tenant) =>
      this.#batchesIn(
        { user, tenant },
        live.filter(({ owner }) => owner.tenant === tenant),
      ),
    );
  }

  #batchesIn(owner: LeaseOwner, all: readonly Lease[]): Batch[] {
    const nowMs = this.#host.clock.now();
    const limits = this.#host.limitsOf(owner);
    const prolong = all.every(({ prolongedAtMs }) => nowMs - prolongedAtMs >= this.#host.terms.ttlMs);
    const batches: Batch[] = [];
    for (const [policy, some] of this.#byPolicy(all))
      for (let from = 0; from < some.length; from += MAX_IDS) {
        const leases = some.slice(from, from + MAX_IDS);
        batches.push({ leases, item: { owner, leaseIds: leases.map(({ id }) => id), limits, prolong }, policy });
      }
    return batches;
  }

  /** What the store was never told of it cannot have forgotten: that is made known to it, however strict. */
  #byPolicy(leases: readonly Lease[]): readonly (readonly [LostPolicy, readonly Lease[]])[] {
    const { onLost } = this.#host.terms;
    if (onLost === 'assert') return [[onLost, leases]];
    return [
      [onLost, leases.filter(({ state }) => state !== 'unconfirmed')],
      ['assert', leases.filter(({ state }) => state === 'unconfirmed')],
    ];
  }

  async #renew(all: readonly Batch[]): Promise<void> {
    for (const policy of ['strict', 'assert'] as const) {
      const batches = all.filter((batch) => batch.policy === policy);
      if (batches.length > 0) await this.#renewBy(policy, batches);
    }
  }

  async #renewBy(policy: LostPolicy, batches: readonly Batch[]): Promise<void> {
    const items = batches.map(({ item }) => item);
    const { calls, clock, store, terms } = this.#host;
    const sentAtMs = clock.now();
    let answer;
    try {
      answer = await calls.call(() => store.renew(items, terms.ttlMs, policy));
    } catch {
      // Deadlines stay as they are; whoever watches the store renews again when it is back.
      return;
    }
    this.#host.storeClock.heard(answer.nowMs, sentAtMs);
    const fates = new Map(answer.news.flatMap(({ missing }) => missing.map(({ leaseId, fate }) => [leaseId, fate])));
    for (const { item, leases } of batches) {
      for (const lease of leases) {
        const fate = fates.get(lease.id);
        if (item.prolong === true) lease.prolongedAtMs = sentAtMs;
        if (fate === undefined) this.#host.renewed(lease, sentAtMs);
        else this.#host.missing(lease, fate, sentAtMs);
      }
    }
    for (const { index, othersOver } of answer.news) {
      const owner = items[index]?.owner;
      if (owner !== undefined && othersOver.length > 0) this.#host.overElsewhere(owner.user, othersOver);
    }
    const scopeOver = answer.news.flatMap((news) => news.scopeOver);
    if (scopeOver.length > 0) this.#host.overSomewhere(scopeOver);
  }
}
