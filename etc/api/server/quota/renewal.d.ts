import type { Clock } from '../clock.ts';
import type { Lease } from './lease.ts';
import type { LeaseBook } from './lease-book.ts';
import type { LeaseTerms } from './lease-terms.ts';
import type { StoreCalls } from './store-calls.ts';
import type { StoreClock } from './store-clock.ts';
import { type LeaseFate, type LeaseLimits, type LeaseOwner, type LeaseStore } from './types.ts';
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
/** Renews every lease whose holder lives, batch by batch; between two batches the event loop has its turn. */
export declare class Renewal {
    #private;
    constructor(host: RenewalHost);
    /** All of them. Asked for while it runs: once more after it, as what has just been renewed may have been forgotten since. */
    all(): Promise<void>;
    /** Those of one user. */
    of(user: string): Promise<void>;
}
