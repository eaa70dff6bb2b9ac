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
export class Lease extends Deadline {
  readonly id: string;
  readonly owner: LeaseOwner;
  readonly holder: LeaseHolder;
  readonly #keeper: Keeper;
  state: LeaseState = 'asked';
  expiresAtMs = -Infinity;
  /** When the store was last told to keep what it has of the user for longer. */
  prolongedAtMs = -Infinity;
  /** The store may know of it. */
  wasSent = false;
  /** It was freed while its holder was still closing. */
  isClosing = false;
  /** Its expiry has been told. */
  isTold = false;

  constructor(keeper: Keeper, id: string, owner: LeaseOwner, holder: LeaseHolder) {
    super();
    this.#keeper = keeper;
    this.id = id;
    this.owner = owner;
    this.holder = holder;
  }

  get isOn(): boolean {
    return this.state === 'held' || this.state === 'unconfirmed';
  }

  /** Whether what its peer says may be passed on. One comparison while the lease is good. */
  serves(nowMs: number): boolean {
    return nowMs < this.expiresAtMs || this.#keeper.leaseServes(this, nowMs);
  }

  slotFreed(): void {
    this.#keeper.slotFreed(this);
  }

  holderClosed(): void {
    this.#keeper.holderClosed(this);
  }

  override onDue(nowMs: number): void {
    this.#keeper.leaseDue(this, nowMs);
  }
}
