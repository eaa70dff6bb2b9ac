import type { LeaseStore, LostPolicy } from './types.ts';
/** What happens to newcomers while the store is away. */
export type AwayPolicy = 'fail-open' | 'fail-closed' | 'local-only';
/** How leases are kept; all optional. */
export interface LeaseOptions {
    /** Milliseconds after which a lease that nobody renews is free: what a node that died holds, at the latest. Default 30 000. */
    readonly leaseTtlMs?: number;
    /** Milliseconds between two renewals, ± 20 %. Default: a third of `leaseTtlMs`, which is the most it may be. */
    readonly renewIntervalMs?: number;
    /**
     * A lease that the store does not know any more: `'assert'` (default) takes it again and drops nobody, except what is then over the limit,
     * newest first · `'strict'` closes its manager, `strictMarginMs` before its deadline.
     */
    readonly onLeaseLost?: LostPolicy;
    /** Milliseconds before the deadline at which `'strict'` closes. Default 2 000. */
    readonly strictMarginMs?: number;
    /**
     * While the store is away: `'fail-open'` (default) admits for `failOpenMs`, as many as this node's share of the limit beside what it held
     * before · `'fail-closed'` admits nobody · `'local-only'` holds each node to the whole limit by itself, however long.
     */
    readonly whenStoreAway?: AwayPolicy;
    /** Milliseconds from the first failure. Default 30 000. */
    readonly failOpenMs?: number;
    /** Nodes that share the limit while the store is away. Default: as many as lived when it was last seen. */
    readonly nodes?: number;
    /**
     * Milliseconds a command may take; an admission is never held back longer. Default 250. With `'strict'`, at most what is left of a lease when
     * its latest renewal is due.
     */
    readonly commandTimeoutMs?: number;
    /** Milliseconds between two looks at what other nodes have to say (a session taken over, a user near its limit). Default 1 000. */
    readonly noticeIntervalMs?: number;
    /** Milliseconds in which a refusal of the store holds for the next attempts of the user. Default 250; `false`: the store is asked each time. */
    readonly denialCacheMs?: number | false;
    /** Managers one tenant may hold on all nodes. Default `false`: no limit. Needs `tenantOf`. */
    readonly maxManagersPerTenant?: number | false;
    /** Managers all users together may hold on all nodes. Default `false`: no limit. */
    readonly maxManagersOfFleet?: number | false;
    /** The tenant of a user; pure and quick. `''`: none, and so where it throws, which is reported. Default: there are none. */
    readonly tenantOf?: (user: string) => string;
}
/** {@link LeaseOptions} as they are in force; `Infinity`: no limit. */
export interface LeaseTerms {
    readonly ttlMs: number;
    readonly renewIntervalMs: number;
    readonly onLost: LostPolicy;
    readonly strictMarginMs: number;
    readonly whenAway: AwayPolicy;
    readonly failOpenMs: number;
    /** `undefined`: as many as live. */
    readonly nodes: number | undefined;
    readonly commandTimeoutMs: number;
    readonly noticeIntervalMs: number;
    /** 0: not at all. */
    readonly denialCacheMs: number;
    readonly maxPerTenant: number;
    readonly maxOfFleet: number;
    readonly tenantOf: ((user: string) => string) | undefined;
}
/** A quota: where leases live, and how they are kept. Made by `memoryQuota` or `redisQuota`; given to `createManagerFactory`. */
export interface Quota {
    readonly store: LeaseStore;
    readonly terms: LeaseTerms;
}
/** Whether it is one, by its shape. */
export declare function isQuota(value: unknown): value is Quota;
/** Renewals come this much earlier or later, so that nodes started together do not renew together. */
export declare const JITTER_SHARE = 0.2;
/**
 * Validates everything at once. `problems` are those that the caller has found already.
 * @throws InvalidOptionsError naming every problem with its value, limit and unit.
 */
export declare function resolveTerms(given: LeaseOptions, others?: ReadonlySet<string>, found?: readonly string[]): LeaseTerms;
