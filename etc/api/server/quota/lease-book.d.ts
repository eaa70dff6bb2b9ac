import type { Lease } from './lease.ts';
/** The leases that this node has, by user. Counts are sizes. */
export declare class LeaseBook {
    #private;
    get size(): number;
    add(lease: Lease): void;
    remove(lease: Lease): void;
    /** A copy: callers may end leases while they walk. */
    of(user: string): readonly Lease[];
    users(): IterableIterator<string>;
    /** Leases of a user that no store knows of. */
    unconfirmedOf(user: string): number;
}
