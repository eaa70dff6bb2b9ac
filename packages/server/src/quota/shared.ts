import { userProblem } from '../context.ts';
import { InvalidOptionsError } from '../errors.ts';
import { show } from '../show.ts';
import { isNodeId } from './lease-id.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { LeaseFate, SharedUsage, UsersPage, UsersQuery } from './types.ts';
import { throwIfWrongQuery } from './users-query.ts';

/** The quota of a factory as seen from its node. */
export interface QuotaState {
  readonly store: string;
  readonly nodeId: string;
  /** Milliseconds since the store did not answer, or not everything that it was asked; `null`: it is there. */
  readonly awayForMs: number | null;
  /** Nodes that live, as far as this one knows. */
  readonly nodes: number;
  /** Leases of this node. */
  readonly leases: number;
  /** Leases that were lost so far, by what became of them. */
  readonly lost: Readonly<Record<LeaseFate, number>>;
  /** Commands that were not answered in time, and those that failed, these included. */
  readonly timeouts: number;
  readonly failures: number;
}

/**
 * What can be asked about all nodes together, of the store alone. Everything but `state()` rejects while the store is away, and once the
 * factory is closed. What becomes of a question decides nothing about who is admitted.
 */
export interface SharedQuota {
  state(): QuotaState;
  /** @throws InvalidOptionsError (the promise rejects) for what no user can be. */
  usage(user: string): Promise<SharedUsage>;
  /**
   * Users with at least `minHeld` leases, page by page. A user whose leases change meanwhile may be missed or come twice.
   * @throws InvalidOptionsError (the promise rejects) naming every problem at once.
   */
  users(query?: UsersQuery): Promise<UsersPage>;
  /**
   * Frees all leases of a user; nodes that live close its managers with reason `freed`. Answers how many there were.
   * @throws InvalidOptionsError (the promise rejects) for what no user can be.
   */
  freeUser(user: string): Promise<number>;
  /**
   * Frees all leases of a node, one that died for instance; one that lives closes its managers with reason `freed`. Answers how many there
   * were.
   * @throws InvalidOptionsError (the promise rejects) for what no node can be.
   */
  freeNode(nodeId: string): Promise<number>;
}

function throwIfNoUser(user: unknown): void {
  const problem = userProblem(user);
  if (problem !== undefined) throw new InvalidOptionsError([problem]);
}

function throwIfNoNode(nodeId: unknown): void {
  if (typeof nodeId === 'string' && isNodeId(nodeId)) return;
  throw new InvalidOptionsError([`nodeId must be one that state().nodeId says, 6 characters; got ${show(nodeId)}`]);
}

export function sharedQuota(keeper: LeaseKeeper): SharedQuota {
  const { calls, store } = keeper;
  return {
    state: () =>
      Object.freeze({
        store: store.name,
        nodeId: keeper.nodeId,
        awayForMs: calls.awaySinceMs === undefined ? null : keeper.clock.now() - calls.awaySinceMs,
        nodes: keeper.pulse.nodes,
        leases: keeper.book.size,
        lost: Object.freeze({ ...keeper.lost }),
        timeouts: calls.timeouts,
        failures: calls.failures,
      }),
    usage: async (user) => {
      throwIfNoUser(user);
      return await calls.question(() => store.usage(keeper.ownerOf(user)));
    },
    users: async (query = {}) => {
      throwIfWrongQuery(query);
      return await calls.question(() => store.users(query));
    },
    freeUser: async (user) => {
      throwIfNoUser(user);
      const leaseIds = await calls.question(() => store.freeUser(keeper.ownerOf(user)));
      keeper.forgetRefusals(user);
      keeper.overElsewhere(user, leaseIds);
      return leaseIds.length;
    },
    freeNode: async (nodeId) => {
      throwIfNoNode(nodeId);
      let total = 0;
      let cursor: string | undefined;
      do {
        const page: { readonly freed: number; readonly cursor: string | undefined } = await calls.question(() =>
          store.freeNode(nodeId, cursor),
        );
        total += page.freed;
        cursor = page.cursor;
      } while (cursor !== undefined);
      keeper.forgetRefusals();
      if (total > 0) keeper.freedByHand(nodeId);
      return total;
    },
  };
}
