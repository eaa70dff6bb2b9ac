import { performance } from 'node:perf_hooks';

import { cursorProblem } from '../cursor.ts';
import { InvalidOptionsError } from '../errors.ts';
import { ExpiringIds } from './expiring-ids.ts';
import { newestFirst, nodeOf, sessionOf } from './lease-id.ts';
import type {
  AcquireAnswer,
  AcquireRequest,
  BeatAnswer,
  LeaseFate,
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

interface UserLeases {
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
  readonly #users = new Map<string, UserLeases>();
  readonly #tenants = new Map<string, ExpiringIds>();
  readonly #fleet = new ExpiringIds();
  /** Of other users than those who were looked after: too many for their tenant or the fleet, and their nodes do not know yet. */
  readonly #scopeGone = new Set<string>();
  readonly #nodes = new ExpiringIds();
  readonly #notices = new Map<string, Notice[]>();
  readonly #overrides = new Map<string, StoredOverride>();
  /** In the order in which they are forgotten. */
  readonly #gone: Gone[] = [];
  readonly #goneForMs: number;
  #overridesVersion = 0;

  constructor(now: () => number = () => STARTED_AT_MS + performance.now(), ttlMs: number = USUAL_TTL_MS) {
    this.#now = now;
    this.#goneForMs = GONE_FOR_TTLS * ttlMs;
  }

  async acquire(request: AcquireRequest): Promise<AcquireAnswer> {
    const { owner, leaseId, limits, ttlMs } = request;
    const nowMs = this.#now();
    const leases = this.#purged(owner, nowMs);
    const { tenant, fleet } = this.#scopes(owner, nowMs);
    const limit = this.#overrides.get(keyOf(owner))?.maxManagers ?? limits.user;
    const isKnown = leases.held.has(leaseId);
    const session = sessionOf(leaseId);
    const takenOver =
      session === '' ? [] : [...leases.held.ids()].filter((id) => id !== leaseId && sessionOf(id) === session);
    const closingBeyond = Math.max(0, leases.closing.size - request.maxClosing);
    const held = leases.held.size + closingBeyond;
    const freed = takenOver.length + (isKnown ? 1 : 0);
    const isNear = held >= Math.ceil(limit * request.nameHoldersFrom - 1e-9);
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
    for (const id of takenOver) this.#takeAway(leases, id, 'taken-over');
    this.#put(leases, leaseId, nowMs + ttlMs);
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
      const leases = this.#leasesOf(owner);
      for (const id of leaseIds) {
        this.#drop(leases, id);
        if (closingForMs > 0) leases.closing.set(id, this.#now() + closingForMs);
      }
      this.#settle(leases);
    }
  }

  async closed(owner: LeaseOwner, leaseIds: readonly string[]): Promise<void> {
    const leases = this.#leasesOf(owner);
    for (const id of leaseIds) leases.closing.delete(id);
    this.#settle(leases);
  }

  async beat(nodeId: string, ttlMs: number, knownOverrides: number): Promise<BeatAnswer> {
    const nowMs = this.#now();
    this.#nodes.set(nodeId, nowMs + ttlMs);
    this.#nodes.dropExpired(nowMs);
    this.#forgetGone(nowMs);
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
    const leases = this.#purged(owner, this.#now());
    const perNode: Record<string, number> = {};
    for (const id of leases.held.ids()) perNode[nodeOf(id)] = (perNode[nodeOf(id)] ?? 0) + 1;
    const override = this.#overrides.get(keyOf(owner))?.maxManagers ?? undefined;
    return { user: owner.user, held: leases.held.size, closing: leases.closing.size, override, perNode };
  }

  async users({ minHeld = 1, cursor = '0', pageSize = 1000 }: UsersQuery): Promise<UsersPage> {
    if (!/^\d{1,15}$/.test(cursor)) throw new InvalidOptionsError([cursorProblem(cursor)]);
    const nowMs = this.#now();
    const from = Number(cursor);
    const page = [...this.#users.values()].slice(from, from + pageSize);
    const users = page
      .map(({ owner }) => ({ ...owner, held: this.#purged(owner, nowMs).held.size }))
      .filter(({ held }) => held >= Math.max(1, minHeld));
    return { users, cursor: from + pageSize < this.#users.size ? String(from + pageSize) : undefined };
  }

  async freeUser(owner: LeaseOwner): Promise<readonly string[]> {
    const leases = this.#leasesOf(owner);
    const leaseIds = [...leases.held.ids()];
    for (const id of leaseIds) this.#takeAway(leases, id, 'freed');
    this.#settle(leases);
    return leaseIds;
  }

  async freeNode(nodeId: string): Promise<{ readonly freed: number; readonly cursor: undefined }> {
    let freed = 0;
    for (const leases of this.#users.values())
      for (const id of leases.held.ids())
        if (nodeOf(id) === nodeId) {
          this.#takeAway(leases, id, 'freed');
          freed += 1;
        }
    return { freed, cursor: undefined };
  }

  onReconnect(): () => void {
    return () => undefined;
  }

  #renew(item: RenewItem, index: number, deadlineMs: number, nowMs: number, policy: LostPolicy): RenewNews[] {
    const leases = this.#leasesOf(item.owner);
    const missing: MissingLease[] = [];
    for (const id of item.leaseIds) {
      if (!leases.held.has(id)) continue;
      if (this.#scopeGone.delete(id)) {
        this.#takeAway(leases, id, 'over-limit');
        missing.push({ leaseId: id, fate: 'over-limit' });
      } else this.#put(leases, id, deadlineMs);
    }
    this.#purged(item.owner, nowMs);
    const before = this.#scopes(item.owner, nowMs);
    const [heldBefore, tenantBefore, fleetBefore] = [leases.held.size, before.tenant.size, before.fleet.size];
    const told = new Set(missing.map(({ leaseId }) => leaseId));
    for (const leaseId of item.leaseIds) {
      if (leases.held.has(leaseId) || told.has(leaseId)) continue;
      const fate = leases.gone.get(leaseId) ?? (policy === 'strict' ? 'expired' : 'retaken');
      if (fate === 'retaken') this.#put(leases, leaseId, deadlineMs);
      missing.push({ leaseId, fate });
    }
    const limit = this.#overrides.get(keyOf(item.owner))?.maxManagers ?? item.limits.user;
    const victims = newestBeyond(leases.held, Math.max(limit, heldBefore));
    for (const id of victims) this.#takeAway(leases, id, 'over-limit');
    const { tenant, fleet } = this.#scopes(item.owner, nowMs);
    const scopeOver: string[] = [];
    for (const [scope, most] of [
      [tenant, Math.max(item.limits.tenant, tenantBefore)],
      [fleet, Math.max(item.limits.fleet, fleetBefore)],
    ] as const)
      for (const id of newestBeyond(scope, most)) {
        if (leases.held.has(id)) {
          this.#takeAway(leases, id, 'over-limit');
          victims.push(id);
          continue;
        }
        scopeOver.push(id);
        this.#scopeGone.add(id);
        for (const every of [...this.#tenants.values(), fleet]) every.delete(id);
      }
    const own = new Set(item.leaseIds);
    const known = missing.filter(({ leaseId }) => !victims.includes(leaseId));
    const overHere = victims.filter((id) => own.has(id));
    const held = leases.held.size;
    this.#settle(leases);
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

  #put(leases: UserLeases, id: string, deadlineMs: number): void {
    const { tenant } = leases.owner;
    leases.held.set(id, deadlineMs);
    this.#users.set(keyOf(leases.owner), leases);
    this.#fleet.set(id, deadlineMs);
    if (tenant === '') return;
    const ofTenant = this.#tenants.get(tenant) ?? new ExpiringIds();
    ofTenant.set(id, deadlineMs);
    this.#tenants.set(tenant, ofTenant);
  }

  #drop({ held, owner: { tenant } }: UserLeases, id: string): void {
    held.delete(id);
    this.#fleet.delete(id);
    this.#scopeGone.delete(id);
    const ofTenant = this.#tenants.get(tenant);
    ofTenant?.delete(id);
    if (ofTenant?.size === 0) this.#tenants.delete(tenant);
  }

  #takeAway(leases: UserLeases, id: string, fate: LeaseFate): void {
    const nowMs = this.#now();
    this.#forgetGone(nowMs);
    this.#drop(leases, id);
    leases.gone.set(id, fate);
    this.#gone.push({ leases, leaseId: id, untilMs: nowMs + this.#goneForMs });
  }

  /** Whoever is only asked about is not kept. */
  #leasesOf(owner: LeaseOwner): UserLeases {
    return (
      this.#users.get(keyOf(owner)) ?? {
        owner,
        held: new ExpiringIds(),
        closing: new ExpiringIds(),
        gone: new Map(),
      }
    );
  }

  #purged(owner: LeaseOwner, nowMs: number): UserLeases {
    const leases = this.#leasesOf(owner);
    leases.held.dropExpired(nowMs);
    leases.closing.dropExpired(nowMs);
    this.#settle(leases);
    return leases;
  }

  #scopes({ tenant }: LeaseOwner, nowMs: number): { readonly tenant: ExpiringIds; readonly fleet: ExpiringIds } {
    const ofTenant = this.#tenants.get(tenant) ?? new ExpiringIds();
    ofTenant.dropExpired(nowMs);
    this.#fleet.dropExpired(nowMs);
    return { tenant: ofTenant, fleet: this.#fleet };
  }

  #forgetGone(nowMs: number): void {
    const first = this.#gone.findIndex(({ untilMs }) => untilMs > nowMs);
    for (const { leases, leaseId } of this.#gone.splice(0, first === -1 ? this.#gone.length : first)) {
      leases.gone.delete(leaseId);
      this.#settle(leases);
    }
  }

  /** Kept for as long as there is anything to be known of it. */
  #settle(leases: UserLeases): void {
    const { owner, held, closing, gone } = leases;
    if (held.size + closing.size + gone.size === 0) this.#users.delete(keyOf(owner));
    else this.#users.set(keyOf(owner), leases);
  }
}

function keyOf({ user, tenant }: LeaseOwner): string {
  return `${tenant}\u0000${user}`;
}

function newestBeyond(deadlines: ExpiringIds, most: number): string[] {
  return deadlines.size <= most ? [] : newestFirst([...deadlines.ids()]).slice(0, deadlines.size - most);
}
