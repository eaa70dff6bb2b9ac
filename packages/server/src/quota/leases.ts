import type { Refusal } from '../refusals.ts';
import type { LeaseHolder, Lease } from './lease.ts';

/** What became of an attempt to get a lease. */
export interface LeaseOutcome {
  readonly lease: Lease;
  /** `undefined`: granted. */
  readonly refusal: Refusal | undefined;
  /** What the user held everywhere before this attempt, as far as is known. */
  readonly heldBefore: number;
}

/** The leases of one node, as admission sees them. */
export interface Leases {
  /** Asks for a lease, or once more for one that was refused. Never rejects, never takes longer than the time-out of a command. */
  acquire(holder: LeaseHolder, again?: Lease): Promise<LeaseOutcome>;
  /** A user is near its limit: other nodes that hold some of its leases look who of them is gone. */
  suspectElsewhere(user: string): void;
}
