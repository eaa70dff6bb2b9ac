import { type Host } from '../host.ts';
import { type Keeper, Lease, type LeaseHolder } from './lease.ts';
import { LeaseBook } from './lease-book.ts';
import type { LeaseTerms, Quota } from './lease-terms.ts';
import type { LeaseOutcome, Leases } from './leases.ts';
import { Pulse } from './pulse.ts';
import { type RenewalHost } from './renewal.ts';
import { StoreCalls } from './store-calls.ts';
import { StoreClock } from './store-clock.ts';
import type { LeaseFate, LeaseLimits, LeaseOwner, LeaseStore } from './types.ts';
/** What the keeper asks of its factory. */
export interface LeaseKeeperHooks {
    /** A user is near its limit somewhere else: look who of it is gone. */
    suspect(user: string): void;
}
/** Keeps the leases of one node: asks for them, renews them, gives them back, and knows what to do while the store is away. */
export declare class LeaseKeeper implements Leases, Keeper, RenewalHost {
    #private;
    readonly nodeId: string;
    readonly store: LeaseStore;
    readonly terms: LeaseTerms;
    readonly clock: Host['clock'];
    readonly storeClock: StoreClock;
    readonly book: LeaseBook;
    readonly calls: StoreCalls;
    readonly pulse: Pulse;
    readonly lost: Record<LeaseFate, number>;
    constructor(host: Host, { store, terms }: Quota, hooks: LeaseKeeperHooks);
    ownerOf(user: string): LeaseOwner;
    limitsOf({ tenant, user }: LeaseOwner): LeaseLimits;
    acquire(holder: LeaseHolder, again?: Lease): Promise<LeaseOutcome>;
    suspectElsewhere(user: string): void;
    slotFreed(lease: Lease): void;
    holderClosed(lease: Lease): void;
    leaseDue(lease: Lease, nowMs: number): void;
    leaseServes(lease: Lease, nowMs: number): boolean;
    renewed(lease: Lease, sentAtMs: number): void;
    missing(lease: Lease, fate: LeaseFate, sentAtMs: number): void;
    forgetRefusals(user?: string): void;
    overElsewhere(user: string, leaseIds: readonly string[]): void;
    overSomewhere(leaseIds: readonly string[]): void;
    /** The leases of a node were freed by an administrator: if it lives, it looks after all it has. */
    freedByHand(nodeId: string): void;
    close(): Promise<void>;
}
