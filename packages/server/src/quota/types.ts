/** Whose a lease is. Without tenants, `tenant` is empty. */
export interface LeaseOwner {
  readonly user: string;
  readonly tenant: string;
}

/** What a lease is held to, all of it in one atomic step; `Infinity`: no limit. */
export interface LeaseLimits {
  readonly user: number;
  readonly tenant: number;
  readonly fleet: number;
}

/** One attempt to take a lease. Repeating it with the same id changes nothing but its deadline. */
export interface AcquireRequest {
  readonly owner: LeaseOwner;
  /** Chosen by the node; see `lease-id.ts`. */
  readonly leaseId: string;
  readonly limits: LeaseLimits;
  /** Leases of the user that may be closing before they count as held again; `Infinity`: any number. */
  readonly maxClosing: number;
  readonly ttlMs: number;
  /** Share of the limit from which the holders are named; `Infinity`: only when refused. */
  readonly nameHoldersFrom: number;
}

/** Which limit said no. */
export type LimitKind = 'user' | 'tenant' | 'fleet';

export interface Grant {
  readonly granted: true;
  /** What the user holds everywhere, this lease included. */
  readonly held: number;
  /** Leases whose session was taken over. */
  readonly takenOver: readonly string[];
  /** The leases of the user, when it is near its limit. */
  readonly holders: readonly string[];
  /** The store's clock. */
  readonly nowMs: number;
}

export interface Denial {
  readonly granted: false;
  readonly by: LimitKind;
  /** An override of the store counts. */
  readonly limit: number;
  readonly held: number;
  /** Until the first lease of the user expires, unless it is renewed. */
  readonly retryAfterMs: number;
  readonly holders: readonly string[];
  readonly nowMs: number;
}

export type AcquireAnswer = Grant | Denial;

/** Ids in one item; users without a limit may have any number. */
export const MAX_IDS = 500;

/** Leases of one user, at most {@link MAX_IDS}. */
export interface LeaseItem {
  readonly owner: LeaseOwner;
  readonly leaseIds: readonly string[];
}

/** The leases that this node holds for one user. */
export interface RenewItem extends LeaseItem {
  readonly limits: LeaseLimits;
  /**
   * Whether what the store has of the user at all is to be kept longer too. `false` only if that was done, by this or by an attempt that was
   * granted, not longer than one `ttlMs` ago. Default `true`.
   */
  readonly prolong?: boolean;
}

/** What is to happen to leases that the store does not know any more: they are taken again, or are lost. */
export type LostPolicy = 'assert' | 'strict';

/**
 * What became of a lease that was not there: `retaken` · `expired`: the store had forgotten it, and the policy is strict · `over-limit`: one
 * too many after the store had lost grants · `taken-over`: by another socket of its session · `freed`: by an administrator.
 */
export type LeaseFate = 'retaken' | 'expired' | 'over-limit' | 'taken-over' | 'freed';

export interface MissingLease {
  readonly leaseId: string;
  readonly fate: LeaseFate;
}

/** Of one {@link RenewItem} with something to tell. */
export interface RenewNews {
  readonly index: number;
  readonly held: number;
  readonly missing: readonly MissingLease[];
  /** Leases of other nodes that were one too many: their nodes are to be told. */
  readonly othersOver: readonly string[];
  /** Leases of other users, on whatever node, that were one too many for the tenant or the fleet. Whose they are the store does not know. */
  readonly scopeOver: readonly string[];
}

export interface RenewAnswer {
  readonly nowMs: number;
  /** Items that are not named were renewed, all of their leases. */
  readonly news: readonly RenewNews[];
}

/** Told to a node. Lost ones do no harm: whatever a notice says is found out at the next renewal. */
export interface Notice {
  /**
   * `renew`: look after your leases of this user · `renew-all`: of everybody, and no user is named · `suspect`: the user is near its limit,
   * remove those who are gone.
   */
  readonly kind: 'renew' | 'renew-all' | 'suspect';
  readonly user: string;
}

/** A limit of its own for one user; `null`: not any more. */
export interface StoredOverride {
  readonly user: string;
  readonly maxManagers: number | null;
}

/** What a node hears when it says that it lives. */
export interface BeatAnswer {
  readonly nowMs: number;
  /** Nodes that live, this one included. */
  readonly nodes: number;
  readonly notices: readonly Notice[];
  readonly overridesVersion: number;
  /** All overrides, when they have changed since the version that the node knows. */
  readonly overrides: readonly StoredOverride[] | undefined;
}

/** One user across all nodes. */
export interface SharedUsage {
  readonly user: string;
  readonly held: number;
  readonly closing: number;
  /** An override of the store; `undefined`: whatever the nodes are configured with. */
  readonly override: number | undefined;
  /** Leases by node. */
  readonly perNode: Readonly<Record<string, number>>;
}

export interface UsersQuery {
  /** Users with fewer leases are left out. Default 1. */
  readonly minHeld?: number | undefined;
  /** Of the page before; left out: the first page. */
  readonly cursor?: string | undefined;
  /** Keys that one page looks at, roughly. Default 1 000, at most 10 000. A page may have fewer users, or none, and not be the last. */
  readonly pageSize?: number | undefined;
}

export interface UsersPage {
  readonly users: readonly { readonly user: string; readonly tenant: string; readonly held: number }[];
  /** `undefined`: this was the last page. */
  readonly cursor: string | undefined;
}

/**
 * Where leases live. Every implementation passes `lease-store.suite.ts`. A method that rejects means that the store is away, and promises
 * nothing about what happened: everything may be repeated.
 */
export interface LeaseStore {
  readonly name: string;
  /** Users that one `renew` or `release` may have. */
  readonly usersPerCall: number;
  acquire(request: AcquireRequest): Promise<AcquireAnswer>;
  renew(items: readonly RenewItem[], ttlMs: number, policy: LostPolicy): Promise<RenewAnswer>;
  /** Frees leases; unknown ids are no error. With `closingForMs` above 0 they count as closing for at most that long. */
  release(items: readonly LeaseItem[], closingForMs: number): Promise<void>;
  /** What was closing is closed. */
  closed(owner: LeaseOwner, leaseIds: readonly string[]): Promise<void>;
  beat(nodeId: string, ttlMs: number, knownOverrides: number): Promise<BeatAnswer>;
  /** A node leaves: it is not counted any more. */
  leave(nodeId: string): Promise<void>;
  notify(nodeId: string, notice: Notice): Promise<void>;
  setOverride(owner: LeaseOwner, maxManagers: number | null): Promise<void>;
  usage(owner: LeaseOwner): Promise<SharedUsage>;
  /** @throws InvalidOptionsError (the promise rejects) for a cursor that no page was answered with. */
  users(query: UsersQuery): Promise<UsersPage>;
  /** Frees every lease of a user; the nodes that hold one end its manager when they hear of it. Answers the ids. */
  freeUser(owner: LeaseOwner): Promise<readonly string[]>;
  /** Frees the leases of a node on one page of users; to be repeated with the cursor until it is `undefined`. */
  freeNode(
    nodeId: string,
    cursor: string | undefined,
  ): Promise<{ readonly freed: number; readonly cursor: string | undefined }>;
  /** Calls back whenever the connection was made again. Answers how to stop. */
  onReconnect(listener: () => void): () => void;
}
