import { performance } from 'node:perf_hooks';

import { cursorProblem } from '../cursor.ts';
import { InvalidOptionsError } from '../errors.ts';
import { shareOf } from '../share-of-limit.ts';
import { ExpiringIds } from './expiring-ids.ts';
import { countByNode, newestFirst, nodeOf, sessionOf } from './lease-id.ts';
import { keyOf, MemoryLeases } from './memory-leases.ts';
import type {
  AcquireAnswer,
  AcquireRequest,
  BeatAnswer,
  LeaseItem,
  LeaseOwner,
  LeaseStore,
  LimitKind,
  LostPolicy,
  MissingLease,
  Notice,
  RenewAnswer,
  RenewItem,
  RenewNews,
  SharedUsage,
  StoredOverride,
  UsersPage,
  UsersQuery,
} from './types.ts';
import { USERS_QUERY } from './users-query.ts';

/** As on the other store: whoever had it has asked by then, or is dead. */
const GONE_FOR_TTLS = 2;
/** Of a quota whose terms are not told. */
const USUAL_TTL_MS = 30_000;

/** What the time of a store in this process is counted from, so that it looks like a time of day. */
const STARTED_AT_MS = Date.now() - performance.now();

/** The leases of several factories in one process. */
export class MemoryStore implements LeaseStore {
  readonly name = 'memory';
  /** Few, as several calls are under way at once, and here all of them in one turn of the loop. */
  readonly usersPerCall: number = 25;
  readonly #now: () => number;
  readonly #leases: MemoryLeases;
  readonly #nodes = new ExpiringIds();
  readonly #notices = new Map<string, Notice[]>();
  readonly #overrides = new Map<string, StoredOverride>();
  #overridesVersion = 0;

  constructor(now: () => number = () => STARTED_AT_MS + performance.now(), ttlMs: number = USUAL_TTL_MS) {
    this.#now = now;
    this.#leases = new MemoryLeases(now, GONE_FOR_TTLS * ttlMs);
  }

  async acquire(request: AcquireRequest): Promise<AcquireAnswer> {
    const { owner, leaseId, limits, ttlMs } = request;
    const nowMs = this.#now();
    const leases = this.#leases.purged(owner, nowMs);
    const { tenant, fleet } = this.#leases.scopes(owner, nowMs);
    const limit = this.#overrides.get(keyOf(owner))?.maxManagers ?? limits.user;
    const isKnown = leases.held.has(leaseId);
    const session = sessionOf(leaseId);
    const takenOver =
      session === '' ? [] : [...leases.held.ids()].filter((id) => id !== leaseId && sessionOf(id) === session);
    const closingBeyond = Math.max(0, leases.closing.size - request.maxClosing);
    const held = leases.held.size + closingBeyond;
    const freed = takenOver.length + (isKnown ? 1 : 0);
    const isNear = held >= shareOf(limit, request.nameHoldersFrom);
    const deny = (by: LimitKind, of: number, size: number): AcquireAnswer => ({
      granted: false,
      by,
      limit: of,
      held: size,
      retryAfterMs: Math.max(0, Math.min(leases.held.firstExpiryMs(), nowMs + ttlMs) - nowMs),
      holders: [...leases.held.ids()],
      nowMs,
    });
    if (held - freed >= limit) return deny('user', limit, held);
    if (tenant.size - freed >= limits.tenant) return deny('tenant', limits.tenant, tenant.size);
    if (fleet.size - freed >= limits.fleet) return deny('fleet', limits.fleet, fleet.size);
    for (const id of takenOver) this.#leases.takeAway(leases, id, 'taken-over');
    this.#leases.put(leases, leaseId, nowMs + ttlMs);
    const holders = isNear ? [...leases.held.ids()] : [];
    return { granted: true, held: leases.held.size + closingBeyond, takenOver, holders, nowMs };
  }

  async renew(items: readonly RenewItem[], ttlMs: number, policy: LostPolicy): Promise<RenewAnswer> {
    const nowMs = this.#now();
    const news = items.flatMap((item, index) => this.#renew(item, index, nowMs + ttlMs, nowMs, policy));
    return { nowMs, news };
  }

  async release(items: readonly LeaseItem[], closingForMs: number): Promise<void> {
    for (const { owner, leaseIds } of items) {
      const leases = this.#leases.of(owner);
      for (const id of leaseIds) {
        this.#leases.drop(leases, id);
        if (closingForMs > 0) leases.closing.set(id, this.#now() + closingForMs);
      }
      this.#leases.settle(leases);
    }
  }

  async closed(owner: LeaseOwner, leaseIds: readonly string[]): Promise<void> {
    const leases = this.#leases.of(owner);
    for (const id of leaseIds) leases.closing.delete(id);
    this.#leases.settle(leases);
  }

  async beat(nodeId: string, ttlMs: number, knownOverrides: number): Promise<BeatAnswer> {
    const nowMs = this.#now();
    this.#nodes.set(nodeId, nowMs + ttlMs);
    this.#nodes.dropExpired(nowMs);
    this.#leases.forgetGone(nowMs);
    const notices = this.#notices.get(nodeId) ?? [];
    this.#notices.delete(nodeId);
    const overridesVersion = this.#overridesVersion;
    const overrides = knownOverrides === overridesVersion ? undefined : [...this.#overrides.values()];
    return { nowMs, nodes: this.#nodes.size, notices, overridesVersion, overrides };
  }

  async leave(nodeId: string): Promise<void> {
    this.#nodes.delete(nodeId);
    this.#notices.delete(nodeId);
  }

  async notify(nodeId: string, notice: Notice): Promise<void> {
    if (!this.#nodes.has(nodeId)) return;
    this.#notices.set(nodeId, [...(this.#notices.get(nodeId) ?? []), notice]);
  }

  async setOverride(owner: LeaseOwner, maxManagers: number | null): Promise<void> {
    if (maxManagers === null) this.#overrides.delete(keyOf(owner));
    else this.#overrides.set(keyOf(owner), { user: owner.user, maxManagers });
    this.#overridesVersion += 1;
  }

  async usage(owner: LeaseOwner): Promise<SharedUsage> {
    const leases = this.#leases.purged(owner, this.#now());
    const override = this.#overrides.get(keyOf(owner))?.maxManagers ?? undefined;
    return {
      user: owner.user,
      held: leases.held.size,
      closing: leases.closing.size,
      override,
      perNode: countByNode(leases.held.ids()),
    };
  }

  async users({
    minHeld = USERS_QUERY.minHeld.default,
    cursor = '0',
    pageSize = USERS_QUERY.pageSize.default,
  }: UsersQuery): Promise<UsersPage> {
    if (!/^\d{1,15}$/.test(cursor)) throw new InvalidOptionsError([cursorProblem(cursor)]);
    const nowMs = this.#now();
    const from = Number(cursor);
    const page = [...this.#leases.users()].slice(from, from + pageSize);
    const users = page
      .map(({ owner }) => ({ ...owner, held: this.#leases.purged(owner, nowMs).held.size }))
      .filter(({ held }) => held >= Math.max(1, minHeld));
    return { users, cursor: from + pageSize < this.#leases.userCount ? String(from + pageSize) : undefined };
  }

  async freeUser(owner: LeaseOwner): Promise<readonly string[]> {
    const leases = this.#leases.of(owner);
    const leaseIds = [...leases.held.ids()];
    for (const id of leaseIds) this.#leases.takeAway(leases, id, 'freed');
    this.#leases.settle(leases);
    return leaseIds;
  }

  async freeNode(nodeId: string): Promise<{ readonly freed: number; readonly cursor: undefined }> {
    let freed = 0;
    for (const leases of this.#leases.users())
      for (const id of leases.held.ids())
        if (nodeOf(id) === nodeId) {
          this.#leases.takeAway(leases, id, 'freed');
          freed += 1;
        }
    return { freed, cursor: undefined };
  }

  onReconnect(): () => void {
    return () => undefined;
  }

  #renew(item: RenewItem, index: number, deadlineMs: number, nowMs: number, policy: LostPolicy): RenewNews[] {
    const leases = this.#leases.of(item.owner);
    const missing: MissingLease[] = [];
    for (const id of item.leaseIds) {
      if (!leases.held.has(id)) continue;
      if (this.#leases.hearsOfTaking(id)) {
        this.#leases.takeAway(leases, id, 'over-limit');
        missing.push({ leaseId: id, fate: 'over-limit' });
      } else this.#leases.put(leases, id, deadlineMs);
    }
    this.#leases.purged(item.owner, nowMs);
    const before = this.#leases.scopes(item.owner, nowMs);
    const [heldBefore, tenantBefore, fleetBefore] = [leases.held.size, before.tenant.size, before.fleet.size];
    const told = new Set(missing.map(({ leaseId }) => leaseId));
    for (const leaseId of item.leaseIds) {
      if (leases.held.has(leaseId) || told.has(leaseId)) continue;
      const fate = leases.gone.get(leaseId) ?? (policy === 'strict' ? 'expired' : 'retaken');
      if (fate === 'retaken') this.#leases.put(leases, leaseId, deadlineMs);
      missing.push({ leaseId, fate });
    }
    const limit = this.#overrides.get(keyOf(item.owner))?.maxManagers ?? item.limits.user;
    const victims = newestBeyond(leases.held, Math.max(limit, heldBefore));
    for (const id of victims) this.#leases.takeAway(leases, id, 'over-limit');
    const { tenant, fleet } = this.#leases.scopes(item.owner, nowMs);
    const scopeOver: string[] = [];
    for (const [scope, most] of [
      [tenant, Math.max(item.limits.tenant, tenantBefore)],
      [fleet, Math.max(item.limits.fleet, fleetBefore)],
    ] as const)
      for (const id of newestBeyond(scope, most)) {
        if (leases.held.has(id)) {
          this.#leases.takeAway(leases, id, 'over-limit');
          victims.push(id);
          continue;
        }
        scopeOver.push(id);
        this.#leases.takeElsewhere(id);
      }
    const own = new Set(item.leaseIds);
    const known = missing.filter(({ leaseId }) => !victims.includes(leaseId));
    const overHere = victims.filter((id) => own.has(id));
    const held = leases.held.size;
    this.#leases.settle(leases);
    if (missing.length + victims.length + scopeOver.length === 0) return [];
    return [
      {
        index,
        held,
        missing: [...known, ...overHere.map((leaseId): MissingLease => ({ leaseId, fate: 'over-limit' }))],
        othersOver: victims.filter((id) => !own.has(id)),
        scopeOver,
      },
    ];
  }
}

function newestBeyond(deadlines: ExpiringIds, most: number): string[] {
  return deadlines.size <= most ? [] : newestFirst([...deadlines.ids()]).slice(0, deadlines.size - most);
}
