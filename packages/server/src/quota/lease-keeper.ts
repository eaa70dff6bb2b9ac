import { randomBytes } from 'node:crypto';

import { CHANNELS, publish } from '../events.ts';
import { type Host, reportError } from '../host.ts';
import { type Refusal, refuse } from '../refusals.ts';
import { Denials } from './denials.ts';
import { type Keeper, Lease, type LeaseHolder } from './lease.ts';
import { LeaseBook } from './lease-book.ts';
import { ENDINGS } from './lease-endings.ts';
import { makeLeaseId, nodeOf, sessionOf } from './lease-id.ts';
import type { LeaseTerms, Quota } from './lease-terms.ts';
import type { LeaseOutcome, Leases } from './leases.ts';
import { Pulse } from './pulse.ts';
import { Releases } from './releases.ts';
import { Renewal, type RenewalHost } from './renewal.ts';
import { refusalOf } from './refusal-of.ts';
import { StoreCalls } from './store-calls.ts';
import { StoreClock } from './store-clock.ts';
import { Suspects } from './suspects.ts';
import type { AcquireAnswer, LeaseFate, LeaseLimits, LeaseOwner, LeaseStore, Notice } from './types.ts';

/** What the keeper asks of its factory. */
export interface LeaseKeeperHooks {
  /** A user is near its limit somewhere else: look who of it is gone. */
  suspect(user: string): void;
}

/** Keeps the leases of one node: asks for them, renews them, gives them back, and knows what to do while the store is away. */
export class LeaseKeeper implements Leases, Keeper, RenewalHost {
  readonly nodeId = randomBytes(5).toString('base64url').slice(0, 6);
  readonly store: LeaseStore;
  readonly terms: LeaseTerms;
  readonly clock: Host['clock'];
  readonly storeClock: StoreClock;
  readonly book = new LeaseBook();
  readonly calls: StoreCalls;
  readonly pulse: Pulse;
  readonly #host: Host;
  readonly #denials: Denials;
  readonly #releases: Releases;
  readonly #renewal: Renewal;
  readonly #suspects = new Suspects();
  readonly #stopListening: () => void;
  readonly lost: Record<LeaseFate, number> = { retaken: 0, expired: 0, 'over-limit': 0, 'taken-over': 0, freed: 0 };
  #lastSequence = 0;

  constructor(host: Host, { store, terms }: Quota, hooks: LeaseKeeperHooks) {
    this.#host = host;
    this.store = store;
    this.terms = terms;
    this.clock = host.clock;
    this.storeClock = new StoreClock(host.clock);
    this.#denials = new Denials(terms.denialCacheMs);
    this.calls = new StoreCalls(host, terms.commandTimeoutMs, {
      away: (cause) => this.#away(cause),
      back: (awayMs, mayHaveForgotten) => this.#back(awayMs, mayHaveForgotten),
    });
    const closingForMs = host.options.cleanupDeadlineMs;
    this.#releases = new Releases(store, this.calls, host.clock, { closingForMs, terms });
    this.#renewal = new Renewal(this);
    this.pulse = new Pulse(host, this, {
      ...hooks,
      renewAll: () => this.#renewal.all(),
      renew: (user) => this.#renewal.of(user),
    });
    this.#stopListening = store.onReconnect(() => {
      this.calls.reconnected();
      this.pulse.beatNow();
      void this.#renewal.all();
    });
    this.pulse.start();
  }

  ownerOf(user: string): LeaseOwner {
    return { user, tenant: this.#tenantOf(user) };
  }

  limitsOf({ tenant, user }: LeaseOwner): LeaseLimits {
    const { maxOfFleet, maxPerTenant } = this.terms;
    // Whoever has no tenant shares no limit with others who have none.
    const ofTenant = tenant === '' ? Infinity : maxPerTenant;
    return { user: this.#host.limits.managersOf(user), tenant: ofTenant, fleet: maxOfFleet };
  }

  async acquire(holder: LeaseHolder, again?: Lease): Promise<LeaseOutcome> {
    const { user } = holder;
    const lease = again ?? this.#makeLease(holder);
    const session = sessionOf(lease.id);
    const denied = again === undefined ? this.#denials.get(user, session, this.clock.now()) : undefined;
    if (denied !== undefined) return { lease, refusal: denied, heldBefore: denied.held ?? 0 };
    if (this.calls.isAway) return this.#admitAway(lease);
    this.#releases.before(user);
    const limits = this.limitsOf(lease.owner);
    const sentAtMs = this.clock.now();
    lease.wasSent = true;
    let answer: AcquireAnswer;
    try {
      answer = await this.calls.admission(() =>
        this.store.acquire({
          owner: lease.owner,
          leaseId: lease.id,
          limits,
          maxClosing: this.#host.limits.closingOf(user),
          ttlMs: this.terms.ttlMs,
          nameHoldersFrom: this.#host.options.emergencyThreshold || Infinity,
        }),
      );
    } catch {
      return this.#admitAway(lease);
    }
    this.storeClock.heard(answer.nowMs, sentAtMs);
    if (!answer.granted) {
      lease.wasSent = false;
      const refusal = refusalOf(answer);
      if (lease.state === 'asked') this.#denials.set(user, session, refusal, this.clock.now());
      this.#suspect(user, answer.holders);
      return { lease, refusal, heldBefore: answer.held };
    }
    lease.prolongedAtMs = sentAtMs;
    if (lease.state === 'asked') this.#grant(lease, 'held', sentAtMs);
    // Its holder has left, and what gave it back may have overtaken what asked for it.
    else if (lease.state === 'over') this.#releases.free(lease);
    this.#suspect(user, answer.holders);
    for (const leaseId of answer.takenOver) this.#tell(nodeOf(leaseId), 'renew', user);
    return { lease, refusal: undefined, heldBefore: answer.held - 1 };
  }

  suspectElsewhere(user: string): void {
    void this.calls
      .call(() => this.store.usage(this.ownerOf(user)))
      .then(
        ({ perNode }) => {
          for (const nodeId of Object.keys(perNode)) if (nodeId !== this.nodeId) this.#tell(nodeId, 'suspect', user);
        },
        () => undefined,
      );
  }

  slotFreed(lease: Lease): void {
    const wasOn = lease.isOn || lease.wasSent;
    if (lease.state !== 'lost') lease.state = 'over';
    this.#host.deadlines.cancel(lease);
    this.book.remove(lease);
    if (!wasOn) return;
    this.#denials.forget(lease.owner.user);
    this.#releases.free(lease);
  }

  holderClosed(lease: Lease): void {
    if (lease.isClosing) this.#releases.closed(lease);
  }

  leaseDue(lease: Lease, nowMs: number): void {
    if (!lease.isOn) return;
    if (this.terms.onLost === 'strict') this.missing(lease, 'expired', nowMs);
    else this.#expired(lease);
  }

  leaseServes(lease: Lease, nowMs: number): boolean {
    if (lease.state === 'lost') return false;
    // Given back or not granted yet: its manager says what is to be done.
    if (!lease.isOn) return true;
    if (this.terms.onLost === 'strict') {
      this.missing(lease, 'expired', nowMs);
      return false;
    }
    this.#expired(lease);
    return true;
  }

  renewed(lease: Lease, sentAtMs: number): void {
    if (lease.isOn) this.#grant(lease, 'held', sentAtMs);
  }

  missing(lease: Lease, fate: LeaseFate, sentAtMs: number): void {
    if (!lease.isOn) {
      // Its holder has left meanwhile, and what gave it back came before what took it again.
      if (fate === 'retaken') this.#releases.free(lease);
      return;
    }
    const wasUnconfirmed = lease.state === 'unconfirmed';
    if (fate === 'retaken') this.#grant(lease, 'held', sentAtMs);
    // The store knew it only if it was granted by it: nothing was lost.
    if (fate === 'retaken' && wasUnconfirmed) return;
    this.lost[fate] += 1;
    publish(CHANNELS['watertight:lease:lost'], this.#host, () => ({
      managerId: lease.holder.id,
      user: lease.owner.user,
      fate,
    }));
    const ending = ENDINGS[fate];
    if (ending === undefined) return;
    lease.wasSent = fate === 'expired';
    lease.state = 'lost';
    this.book.remove(lease);
    lease.holder.endForLease(ending.reason, ending.closeCode);
  }

  forgetRefusals(user?: string): void {
    if (user === undefined) this.#denials.forgetAll();
    else this.#denials.forget(user);
  }

  overElsewhere(user: string, leaseIds: readonly string[]): void {
    for (const nodeId of new Set(leaseIds.map((leaseId) => nodeOf(leaseId)))) this.#tell(nodeId, 'renew', user);
  }

  overSomewhere(leaseIds: readonly string[]): void {
    for (const nodeId of new Set(leaseIds.map((leaseId) => nodeOf(leaseId)))) this.#tell(nodeId, 'renew-all', '');
  }

  /** The leases of a node were freed by an administrator: if it lives, it looks after all it has. */
  freedByHand(nodeId: string): void {
    this.#tell(nodeId, 'renew-all', '');
  }

  async close(): Promise<void> {
    this.#stopListening();
    await Promise.all([this.pulse.stop(), this.#releases.settled()]);
    if (!this.calls.isAway) await this.pulse.overrides.write().catch(() => undefined);
    if (!this.calls.isAway) await this.calls.call(() => this.store.leave(this.nodeId)).catch(() => undefined);
    this.calls.end();
  }

  /** Nobody can catch what it throws. */
  #tenantOf(user: string): string {
    const { tenantOf } = this.terms;
    if (tenantOf === undefined) return '';
    try {
      const tenant: unknown = tenantOf(user);
      if (typeof tenant === 'string') return tenant;
      if (tenant === undefined || tenant === null) return '';
      throw new TypeError(`tenantOf must answer a string, got ${typeof tenant}`);
    } catch (error) {
      reportError(this.#host, error, 'quota', user, 'tenantOf');
      return '';
    }
  }

  #makeLease(holder: LeaseHolder): Lease {
    this.#lastSequence += 1;
    const id = makeLeaseId(
      this.storeClock.now(),
      this.nodeId,
      this.#lastSequence,
      // The store takes over what bears the same mark.
      this.#host.options.sessionTakeover ? holder.sessionId : undefined,
    );
    const lease = new Lease(this, id, this.ownerOf(holder.user), holder);
    holder.holdLease(lease);
    return lease;
  }

  #grant(lease: Lease, state: 'held' | 'unconfirmed', sentAtMs: number): void {
    const { onLost, strictMarginMs, ttlMs } = this.terms;
    lease.state = state;
    lease.isTold = false;
    const marginMs = onLost === 'strict' ? strictMarginMs : 0;
    lease.expiresAtMs = sentAtMs + ttlMs - marginMs;
    this.book.add(lease);
    if (onLost === 'strict') this.#host.deadlines.schedule(lease, ttlMs - marginMs, sentAtMs);
  }

  /** Its time is over and nobody renewed it. It goes on; whether somebody else has its place now, the store will say. */
  #expired(lease: Lease): void {
    if (lease.isTold) return;
    lease.isTold = true;
    publish(CHANNELS['watertight:lease:lost'], this.#host, () => ({
      managerId: lease.holder.id,
      user: lease.owner.user,
      fate: 'expired' as const,
    }));
    this.pulse.renewSoon(lease.owner.user);
  }

  /** The store is away, or did not answer this one: this node decides by itself, as far as its policy goes. */
  #admitAway(lease: Lease): LeaseOutcome {
    const { user } = lease.owner;
    const sinceMs = this.calls.awaySinceMs ?? this.clock.now();
    const limit = this.#host.limits.managersOf(user);
    const outcome = (refusal: Refusal | undefined): LeaseOutcome => ({
      lease,
      refusal,
      heldBefore: this.book.of(user).length,
    });
    const { failOpenMs, nodes, whenAway } = this.terms;
    const share = limit === Infinity ? Infinity : Math.ceil(limit / (nodes ?? this.pulse.nodes));
    const isOpen =
      whenAway === 'local-only' ||
      (whenAway === 'fail-open' && this.clock.now() - sinceMs < failOpenMs && this.book.unconfirmedOf(user) < share);
    if (!isOpen || lease.state !== 'asked') return outcome(refuse('quota-unavailable'));
    this.#grant(lease, 'unconfirmed', this.clock.now());
    return outcome(undefined);
  }

  #suspect(user: string, holders: readonly string[]): void {
    if (holders.length === 0 || this.#host.options.emergencyThreshold === false) return;
    if (!this.#suspects.tell(user, this.clock.now())) return;
    for (const nodeId of new Set(holders.map((leaseId) => nodeOf(leaseId)))) this.#tell(nodeId, 'suspect', user);
  }

  #tell(nodeId: string, kind: Notice['kind'], user: string): void {
    if (nodeId === this.nodeId) {
      if (kind === 'renew') this.pulse.renewSoon(user);
      if (kind === 'renew-all') void this.#renewal.all();
      return;
    }
    // Whoever does not hear of it finds out at its next renewal.
    this.calls.call(() => this.store.notify(nodeId, { kind, user })).catch(() => undefined);
  }

  #away(cause: unknown): void {
    const { whenAway: policy } = this.terms;
    publish(CHANNELS['watertight:store:away'], this.#host, () => ({ policy, cause }));
    reportError(this.#host, cause, 'quota');
    this.pulse.hurry();
  }

  /** Whoever is here is made known again; what could not be given back is. */
  #back(awayMs: number, mayHaveForgotten: boolean): void {
    publish(CHANNELS['watertight:store:back'], this.#host, () => ({ awayMs, leases: this.book.size }));
    this.#releases.retry();
    if (mayHaveForgotten) void this.#renewal.all();
  }
}
