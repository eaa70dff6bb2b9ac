import type { ManagerState } from './manager.ts';
import type { UserUsage } from './stats.ts';

/** One thing that a manager will let go of. */
export interface OwnedLook {
  /** Its name, as release reports give it. */
  readonly name: string;
  /** Where it was registered, as `file:line`; `unknown` for what has no code of its own at its end. */
  readonly place: string;
}

/** One manager at this moment. */
export interface ManagerLook {
  readonly id: string;
  readonly state: ManagerState;
  readonly ageMs: number;
  /** Since it was last used: the last message, or the end of its last work. */
  readonly idleMs: number;
  /** Since the last inbound byte; `null` without a connection. */
  readonly quietMs: number | null;
  readonly connections: number;
  /** Work that `close()` would wait for. */
  readonly inFlight: number;
  /** Handed over to be sent, and not passed on to the system yet. */
  readonly unsentBytes: number;
  readonly sessionId: string | null;
  readonly remoteAddress: string | null;
  /** Why it ends; `null` while it does not. */
  readonly reason: string | null;
  /** Resources, what was acquired last first. */
  readonly owned: {
    readonly count: number;
    /** There are more than were counted. */
    readonly andMore: boolean;
    readonly listed: readonly OwnedLook[];
  };
}

/** One user at this moment. */
export interface UserLook {
  readonly usage: UserUsage;
  /** Its limit is an override. */
  readonly hasOverride: boolean;
  /** Oldest first, those that hold a slot before those that are closing. */
  readonly managers: readonly ManagerLook[];
  /** Managers that are not listed, because there are so many. */
  readonly notListed: number;
}
