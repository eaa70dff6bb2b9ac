import { expect, test as register } from 'vitest';
import { makeLeaseId } from '../../src/quota/lease-id.ts';
import type {
  AcquireRequest,
  LeaseItem,
  LeaseOwner,
  LeaseStore,
  MissingLease,
  RenewItem,
} from '../../src/quota/types.ts';
import { until } from '../guarded-server.ts';
import { inTime } from '../in-time.ts';

/** A store under test, empty. */
export interface StoreUnderTest {
  /** Another node's way to the same leases. */
  open(): Promise<LeaseStore>;
}

const NO_LIMITS = { user: Infinity, tenant: Infinity, fleet: Infinity };
const TTL_MS = 10_000;
const SHORT_MS = 250;
const NODES = ['node-a', 'node-b', 'node-c'] as const;

let lastUser = 0;
let lastSequence = 0;

/** Somebody whom no other test knows. */
function somebody(tenant = ''): LeaseOwner {
  lastUser += 1;
  return { user: `user ${lastUser} {ä}`, tenant };
}

/** The ids of one user are taken a millisecond after one another, so that their order is known. */
function leaseId(node = 0, sessionId?: string): string {
  lastSequence += 1;
  return makeLeaseId(1_800_000_000_000 + lastSequence, NODES[node] ?? 'node-z', lastSequence, sessionId);
}

function request(owner: LeaseOwner, limit: number, others: Partial<AcquireRequest> = {}): AcquireRequest {
  return {
    owner,
    leaseId: leaseId(),
    limits: { ...NO_LIMITS, user: limit },
    maxClosing: Infinity,
    ttlMs: TTL_MS,
    nameHoldersFrom: Infinity,
    ...others,
  };
}

async function take(store: LeaseStore, owner: LeaseOwner, count: number, node = 0, limit = 20): Promise<string[]> {
  const ids = Array.from({ length: count }, () => leaseId(node));
  for (const id of ids) expect((await store.acquire(request(owner, limit, { leaseId: id }))).granted).toBe(true);
  return ids;
}

function item(owner: LeaseOwner, leaseIds: readonly string[], limit = 20): RenewItem {
  return { owner, leaseIds, limits: { ...NO_LIMITS, user: limit } };
}

async function held(store: LeaseStore, owner: LeaseOwner): Promise<number> {
  return (await store.usage(owner)).held;
}

/** Registers one test. */
export type Register = (name: string, run: () => Promise<void>) => unknown;

/** What every store of leases promises, run for each of them, and for faulty ones that must fail. */
export function leaseStoreSuite(open: () => Promise<StoreUnderTest>, test: Register = register): void {
  test('[QU1] of attempts at once, on several connections, exactly as many are granted as slots are free', async () => {
    const under = await open();
    const stores = await Promise.all([under.open(), under.open(), under.open()]);
    const owner = somebody();
    await take(await under.open(), owner, 3);
    const answers = await Promise.all(
      stores.flatMap((store) => Array.from({ length: 20 }, () => store.acquire(request(owner, 20)))),
    );
    expect(answers.filter((answer) => answer.granted)).toHaveLength(17);
    const denial = answers.find((answer) => !answer.granted);
    expect(denial).toMatchObject({ by: 'user', limit: 20, held: 20 });
    expect(denial?.holders).toHaveLength(20);
    expect(await held(await under.open(), owner)).toBe(20);
  });

  test('[QU2] an attempt that is repeated with its id is granted and counts once, also at the limit', async () => {
    const store = await (await open()).open();
    const owner = somebody();
    const [first = ''] = await take(store, owner, 2, 0, 2);
    expect(await store.acquire(request(owner, 2, { leaseId: first }))).toMatchObject({ granted: true, held: 2 });
    expect(await held(store, owner)).toBe(2);
  });

  test('[QU2] giving back is idempotent: twice, or what nobody knows, frees nothing else', async () => {
    const store = await (await open()).open();
    const owner = somebody();
    const [first = ''] = await take(store, owner, 3);
    await store.release([{ owner: owner, leaseIds: [first, leaseId()] }], 0);
    await store.release([{ owner: owner, leaseIds: [first] }], 0);
    expect(await held(store, owner)).toBe(2);
    await store.release([{ owner: somebody(), leaseIds: [leaseId()] }], 0);
  });

  test('[QU3] a lease that is not renewed is free after its time, one that is renewed is not', async () => {
    const store = await (await open()).open();
    let owner = somebody();
    await inTime(SHORT_MS, async () => {
      owner = somebody();
      const kept = leaseId();
      await store.acquire(request(owner, 2, { leaseId: kept, ttlMs: SHORT_MS }));
      await store.acquire(request(owner, 2, { ttlMs: SHORT_MS }));
      expect((await store.acquire(request(owner, 2))).granted).toBe(false);
      expect((await store.renew([item(owner, [kept])], TTL_MS, 'strict')).news).toEqual([]);
    });
    await until(async () => (await held(store, owner)) === 1, 'the other one is free', 1500);
    expect((await store.acquire(request(owner, 2))).granted).toBe(true);
    expect((await store.acquire(request(owner, 2))).granted).toBe(false);
  });

  test('[QU4] a renewal names what the store does not know: strict leaves it lost, assert takes it again', async () => {
    const store = await (await open()).open();
    const [owner, other] = [somebody(), somebody()];
    const [known = '', gone = ''] = await take(store, owner, 2);
    const fine = await take(store, other, 3);
    await store.release([{ owner: owner, leaseIds: [gone] }], 0);
    const items = [item(other, fine), item(owner, [known, gone])];
    const strict = await store.renew(items, TTL_MS, 'strict');
    expect(strict.news).toMatchObject([{ index: 1, held: 1, missing: [{ leaseId: gone, fate: 'expired' }] }]);
    expect(await held(store, owner)).toBe(1);
    const assert = await store.renew(items, TTL_MS, 'assert');
    expect(assert.news).toMatchObject([{ index: 1, held: 2, missing: [{ leaseId: gone, fate: 'retaken' }] }]);
    expect(await held(store, owner)).toBe(2);
    expect((await store.renew(items, TTL_MS, 'assert')).news).toEqual([]);
  });

  test('[QU5] what is taken again and is too much goes: exactly that, newest first, whoever holds it', async () => {
    const store = await (await open()).open();
    const owner = somebody();
    const old = Array.from({ length: 4 }, () => leaseId(0));
    const middle = await take(store, owner, 3, 1, 5);
    const [newest = '', ...others] = (await take(store, owner, 2, 2, 5)).toReversed();
    const answer = await store.renew([item(owner, old, 5)], TTL_MS, 'assert');
    expect(answer.news[0]?.missing.map(({ fate }) => fate)).toEqual(['retaken', 'retaken', 'retaken', 'retaken']);
    expect(answer.news[0]?.othersOver.toSorted()).toEqual([...middle.slice(1), ...others, newest].toSorted());
    expect(await held(store, owner)).toBe(5);
    const second = await store.renew([item(owner, middle, 5)], TTL_MS, 'assert');
    expect(second.news[0]?.missing.toSorted(byId)).toEqual(
      middle.slice(1).map((id) => ({ leaseId: id, fate: 'over-limit' })),
    );
    expect(await held(store, owner)).toBe(5);
  });

  test('[QU5] a limit that was lowered ends nobody when leases are renewed or taken again', async () => {
    const store = await (await open()).open();
    const owner = somebody();
    const ids = await take(store, owner, 6);
    expect((await store.renew([item(owner, ids, 3)], TTL_MS, 'assert')).news).toEqual([]);
    const again = leaseId();
    const { news } = await store.renew([item(owner, [...ids, again], 3)], TTL_MS, 'assert');
    expect(news).toMatchObject([{ missing: [{ leaseId: again, fate: 'over-limit' }], othersOver: [] }]);
    expect(await held(store, owner)).toBe(6);
  });

  test('[QU6] a session takes over its own lease, also at the limit; the node that had it hears of it', async () => {
    const store = await (await open()).open();
    const owner = somebody();
    const before = leaseId(0, 'phone');
    await store.acquire(request(owner, 2, { leaseId: before }));
    await take(store, owner, 1, 1, 2);
    const after = leaseId(1, 'phone');
    const answer = await store.acquire(request(owner, 2, { leaseId: after }));
    expect(answer).toMatchObject({ granted: true, held: 2, takenOver: [before] });
    const { news } = await store.renew([item(owner, [before])], TTL_MS, 'assert');
    expect(news[0]?.missing).toEqual([{ leaseId: before, fate: 'taken-over' }]);
    expect(await held(store, owner)).toBe(2);
  });

  test('[QU6] an attempt that is refused takes nothing over', async () => {
    const store = await (await open()).open();
    const owner = somebody();
    const before = leaseId(0, 'phone');
    await store.acquire(request(owner, 9, { leaseId: before }));
    await take(store, owner, 3, 1, 9);
    const answer = await store.acquire(request(owner, 2, { leaseId: leaseId(1, 'phone') }));
    expect(answer.granted).toBe(false);
    expect((await store.renew([item(owner, [before], 9)], TTL_MS, 'strict')).news).toEqual([]);
  });

  test('[QU7] what is closing beyond the bound counts as held until it is closed, or its time is over', async () => {
    const store = await (await open()).open();
    let attempt = (): AcquireRequest => request(somebody(), 3);
    await inTime(SHORT_MS, async () => {
      const owner = somebody();
      const [first = '', second = '', third = ''] = await take(store, owner, 3, 0, 3);
      await store.release([{ owner: owner, leaseIds: [first, second] }], TTL_MS);
      attempt = () => request(owner, 3, { maxClosing: 1 });
      expect((await store.acquire(attempt())).granted).toBe(true);
      expect(await store.acquire(attempt())).toMatchObject({ granted: false, held: 3 });
      await store.closed(owner, [first]);
      expect((await store.acquire(attempt())).granted).toBe(true);
      await store.release([{ owner: owner, leaseIds: [third] }], SHORT_MS);
      expect((await store.acquire(attempt())).granted).toBe(false);
    });
    await until(async () => (await store.acquire(attempt())).granted, 'the time of the third is over', 1500);
  });

  test('[QU17] leases of many users are given back at once, each user for itself', async () => {
    const store = await (await open()).open();
    const owners = Array.from({ length: 2 * store.usersPerCall + 1 }, () => somebody());
    const items: LeaseItem[] = [];
    for (const [index, owner] of owners.entries()) {
      const leaseIds = await take(store, owner, 1 + (index % 3));
      items.push({ owner, leaseIds: leaseIds.slice(0, 2) });
    }
    const middle = owners.length >> 1;
    await store.release(items.slice(0, middle), 0);
    await store.release(items.slice(middle), TTL_MS);
    for (const [index, owner] of owners.entries()) {
      const closing = index < middle ? 0 : Math.min(2, 1 + (index % 3));
      expect(await store.usage(owner)).toMatchObject({ held: index % 3 === 2 ? 1 : 0, closing });
    }
  });

  test('[QU8] limits of user, tenant and fleet are one step: a refusal by one leaves nothing behind', async () => {
    const store = await (await open()).open();
    const [ada, bob, eve, dan] = [somebody('acme'), somebody('acme'), somebody('other'), somebody('other')];
    const limits = { user: 2, tenant: 3, fleet: 4 };
    const attempt = async (owner: LeaseOwner): Promise<string> => {
      const answer = await store.acquire(request(owner, 0, { limits }));
      return answer.granted ? 'granted' : answer.by;
    };
    expect([await attempt(ada), await attempt(ada), await attempt(ada)]).toEqual(['granted', 'granted', 'user']);
    expect([await attempt(bob), await attempt(bob)]).toEqual(['granted', 'tenant']);
    expect([await attempt(eve), await attempt(eve)]).toEqual(['granted', 'fleet']);
    expect([await held(store, ada), await held(store, bob), await held(store, eve)]).toEqual([2, 1, 1]);
    await store.freeUser(ada);
    expect([await attempt(eve), await attempt(bob), await attempt(dan)]).toEqual(['granted', 'granted', 'fleet']);
  });

  test('[QU15] what is taken again and is too much for the fleet goes: exactly that, newest first, whoever has it', async () => {
    const store = await (await open()).open();
    const [ada, bob] = [somebody('acme'), somebody('other')];
    const limits = { user: 20, tenant: Infinity, fleet: 5 };
    const old = Array.from({ length: 3 }, () => leaseId(0));
    const young = Array.from({ length: 5 }, (_, index) => leaseId(1 + (index % 2)));
    for (const id of young)
      expect(await store.acquire(request(bob, 20, { leaseId: id, limits }))).toMatchObject({ granted: true });
    const again = await store.renew([{ owner: ada, leaseIds: old, limits }], TTL_MS, 'assert');
    expect(again.news[0]?.missing.map(({ fate }) => fate)).toEqual(['retaken', 'retaken', 'retaken']);
    expect(again.news[0]?.scopeOver.toSorted()).toEqual(young.slice(2).toSorted());
    expect(await store.acquire(request(somebody(), 20, { limits }))).toMatchObject({ granted: false, by: 'fleet' });
    const theirs = await store.renew([{ owner: bob, leaseIds: young, limits }], TTL_MS, 'assert');
    expect(theirs.news[0]?.missing.toSorted(byId)).toEqual(young.slice(2).map((id) => over(id)));
    expect([await held(store, ada), await held(store, bob)]).toEqual([3, 2]);
    const lower = { ...limits, fleet: 2 };
    expect((await store.renew([{ owner: ada, leaseIds: old, limits: lower }], TTL_MS, 'assert')).news).toEqual([]);
    for (const owner of [ada, bob]) await store.freeUser(owner);
  });

  test('[QU15] the same for a tenant, also when the newest is among those that were taken again', async () => {
    const store = await (await open()).open();
    const [ada, bob] = [somebody('acme'), somebody('acme')];
    const limits = { user: 20, tenant: 4, fleet: 100 };
    const first = Array.from({ length: 2 }, () => leaseId(0));
    const middle = Array.from({ length: 4 }, () => leaseId(1));
    const last = leaseId(0);
    for (const id of middle) await store.acquire(request(bob, 20, { leaseId: id, limits }));
    const items = [{ owner: ada, leaseIds: [...first, last], limits }];
    const again = await store.renew(items, TTL_MS, 'assert');
    expect(again.news[0]?.missing.toSorted(byId)).toEqual([...first.map((id) => retaken(id)), over(last)]);
    expect(again.news[0]?.scopeOver.toSorted()).toEqual(middle.slice(2).toSorted());
    expect((await store.renew(items, TTL_MS, 'assert')).news).toMatchObject([{ missing: [over(last)], scopeOver: [] }]);
    const theirs = await store.renew([{ owner: bob, leaseIds: middle, limits }], TTL_MS, 'strict');
    expect(theirs.news[0]?.missing.toSorted(byId)).toEqual(middle.slice(2).map((id) => over(id)));
    expect([await held(store, ada), await held(store, bob)]).toEqual([2, 2]);
  });

  test('[QU9] an override holds for the next attempt of whatever node; 0 bans; cleared, it is as before', async () => {
    const under = await open();
    const [store, elsewhere] = [await under.open(), await under.open()];
    const owner = somebody();
    await store.setOverride(owner, 3);
    await take(elsewhere, owner, 3, 1, 1);
    expect(await elsewhere.acquire(request(owner, 20))).toMatchObject({ granted: false, limit: 3 });
    await store.setOverride(owner, 0);
    expect(await elsewhere.acquire(request(owner, 20))).toMatchObject({ granted: false, limit: 0, held: 3 });
    await store.setOverride(owner, Infinity);
    await take(elsewhere, owner, 30, 1, 1);
    expect(await store.usage(owner)).toMatchObject({ held: 33, override: Infinity });
    await store.setOverride(owner, null);
    expect(await elsewhere.acquire(request(owner, 20))).toMatchObject({ granted: false, limit: 20 });
    expect(await store.usage(owner)).toMatchObject({ override: undefined });
  });

  test('[QU9] nodes hear of overrides once, when they have changed', async () => {
    const store = await (await open()).open();
    const owner = somebody();
    const before = await store.beat(NODES[0], TTL_MS, -1);
    await store.setOverride(owner, 7);
    const after = await store.beat(NODES[0], TTL_MS, before.overridesVersion);
    expect(after.overrides).toContainEqual({ user: owner.user, maxManagers: 7 });
    expect((await store.beat(NODES[0], TTL_MS, after.overridesVersion)).overrides).toBeUndefined();
  });

  test('[QU10] what a user holds is told by node, without asking any', async () => {
    const store = await (await open()).open();
    const owner = somebody();
    await take(store, owner, 2, 0);
    await take(store, owner, 1, 1);
    expect(await store.usage(owner)).toEqual({
      user: owner.user,
      held: 3,
      closing: 0,
      override: undefined,
      perNode: { [NODES[0]]: 2, [NODES[1]]: 1 },
    });
    expect(await store.usage(somebody())).toMatchObject({ held: 0, perNode: {} });
  });

  test('[QU10] users above a number are listed page by page, each once and by name', async () => {
    const store = await (await open()).open();
    const owners = Array.from({ length: 30 }, (_, index) => somebody(index % 2 === 0 ? '' : 'acme'));
    for (const [index, owner] of owners.entries()) await take(store, owner, 1 + (index % 3));
    const seen: { user: string; tenant: string; held: number }[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.users({ minHeld: 3, cursor, pageSize: 4 });
      seen.push(...page.users);
      cursor = page.cursor;
    } while (cursor !== undefined);
    const expected = owners.filter((_, index) => index % 3 === 2).map((owner) => ({ ...owner, held: 3 }));
    const names = new Set(owners.map(({ user }) => user));
    const ours = [...new Map(seen.filter(({ user }) => names.has(user)).map((one) => [one.user, one])).values()];
    expect(ours.toSorted(byUser)).toEqual(expected.toSorted(byUser));
  });

  test('[QU11] an administrator frees the leases of a user, or of one node and of no other', async () => {
    const store = await (await open()).open();
    const [owner, other] = [somebody(), somebody()];
    const ids = await take(store, owner, 2, 0);
    await take(store, owner, 1, 1);
    await take(store, other, 1, 0);
    let freed = 0;
    let cursor: string | undefined;
    do {
      const page = await store.freeNode(NODES[0], cursor);
      freed += page.freed;
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(freed).toBeGreaterThanOrEqual(3);
    expect([await held(store, owner), await held(store, other)]).toEqual([1, 0]);
    const { news } = await store.renew([item(owner, ids)], TTL_MS, 'assert');
    expect(news[0]?.missing.map(({ fate }) => fate)).toEqual(['freed', 'freed']);
    expect(await store.freeUser(owner)).toHaveLength(1);
    expect(await held(store, owner)).toBe(0);
  });

  test('[QU12] a notice reaches its node once, and nodes that live are counted', async () => {
    const store = await (await open()).open();
    const [node, other] = ['nd-1 x', 'nd-2 x'];
    const { nodes } = await store.beat(node, TTL_MS, -1);
    expect((await store.beat(other, TTL_MS, -1)).nodes).toBe(nodes + 1);
    await store.notify(node, { kind: 'renew', user: 'ada lovelace' });
    await store.notify(node, { kind: 'suspect', user: 'bob' });
    expect((await store.beat(node, TTL_MS, -1)).notices).toEqual([
      { kind: 'renew', user: 'ada lovelace' },
      { kind: 'suspect', user: 'bob' },
    ]);
    expect((await store.beat(node, TTL_MS, -1)).notices).toEqual([]);
    await store.leave(other);
    expect((await store.beat(node, SHORT_MS, -1)).nodes).toBe(nodes);
    await until(
      async () => (await store.beat('nd-3 x', TTL_MS, -1)).nodes === nodes,
      'a node that is silent is not counted',
    );
  });

  test('[QU13] who holds is named from the share of the limit that is asked for, and when refused', async () => {
    const store = await (await open()).open();
    const owner = somebody();
    const ids = await take(store, owner, 8, 0, 10);
    const near = await store.acquire(request(owner, 10, { nameHoldersFrom: 0.8 }));
    expect(near.holders).toEqual(expect.arrayContaining(ids));
    expect((await store.acquire(request(somebody(), 10, { nameHoldersFrom: 0.8 }))).holders).toEqual([]);
  });
}

function over(id: string): MissingLease {
  return { leaseId: id, fate: 'over-limit' };
}

function retaken(id: string): MissingLease {
  return { leaseId: id, fate: 'retaken' };
}

const byId = (one: MissingLease, other: MissingLease): number => (one.leaseId < other.leaseId ? -1 : 1);

function byUser(one: { user: string }, other: { user: string }): number {
  return one.user < other.user ? -1 : 1;
}
