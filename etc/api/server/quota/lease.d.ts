import { Deadline } from '../deadline-queue.ts';
import type { LeaseOwner } from './types.ts';
/** What a lease is for: a manager, as far as its lease has to know it. */
export interface LeaseHolder {
    readonly id: string;
    readonly user: string;
    readonly sessionId: string | undefined;
    readonly isClosed: boolean;
    /** From here on the lease is told when the slot is free and when everything is closed. */
    holdLease(lease: Lease): void;
    /** Whether anything speaks for its peer being there. */
    isLive(nowMs: number): boolean;
    endForLease(reason: string, closeCode: number): void;
}
/**
 * `asked`: nobody knows yet · `held`: granted by the store · `unconfirmed`: the node admitted by itself while the store was away ·
 * `lost`: somebody else may have its place · `over`: given back or refused.
 */
export type LeaseState = 'asked' | 'held' | 'unconfirmed' | 'lost' | 'over';
/** Who keeps leases. */
export interface Keeper {
    leaseDue(lease: Lease, nowMs: number): void;
    leaseServes(lease: Lease, nowMs: number): boolean;
    slotFreed(lease: Lease): void;
    holderClosed(lease: Lease): void;
}
/** One lease of this node. Its deadline goes by the node's own monotonic clock, from before the request was sent. */
export declare class Lease extends Deadline {
    #private;
    readonly id: string;
    readonly owner: LeaseOwner;
    readonly holder: LeaseHolder;
    state: LeaseState;
    expiresAtMs: number;
    /** When the store was last told to keep what it has of the user for longer. */
    prolongedAtMs: number;
    /** The store may know of it. */
    wasSent: boolean;
    /** It was freed while its holder was still closing. */
    isClosing: boolean;
    /** Its expiry has been told. */
    isTold: boolean;
    constructor(keeper: Keeper, id: string, owner: LeaseOwner, holder: LeaseHolder);
    get isOn(): boolean;
    /** Whether what its peer says may be passed on. One comparison while the lease is good. */
    serves(nowMs: number): boolean;
    slotFreed(): void;
    holderClosed(): void;
    onDue(nowMs: number): void;
}
