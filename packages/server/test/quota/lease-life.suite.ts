import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test as register } from 'vitest';
import { DeadlineQueue } from '../../src/deadline-queue.ts';
import { Lease, type LeaseHolder } from '../../src/quota/lease.ts';
import { LeaseBook } from '../../src/quota/lease-book.ts';
import { makeLeaseId } from '../../src/quota/lease-id.ts';
import { resolveTerms } from '../../src/quota/lease-terms.ts';
import { MemoryStore } from '../../src/quota/memory-store.ts';
import { Renewal } from '../../src/quota/renewal.ts';
import { StoreCalls } from '../../src/quota/store-calls.ts';
import { StoreClock } from '../../src/quota/store-clock.ts';
import type { RenewAnswer } from '../../src/quota/types.ts';
import { FakePeer } from '../fake-peer.ts';
import { deferred, recordEvents } from '../factory-kit.ts';
import type { Register } from './lease-store.suite.ts';
import { ManualClock } from '../manual-clock.ts';
import { SharedBench } from './shared-bench.ts';

const SECOND_MS = 1000;

/** How a node keeps its leases, run for the keeper, and for faulty ones that must fail. */
export function leaseLifeSuite(test: Register = register): void {
  test('[QU50] leases are renewed for as long as their managers live, all users of a node in a few commands', async () => {
    const bench = new SharedBench();
    const node = bench.node();
    for (let user = 0; user < 150; user += 1) await bench.manager(node, `user ${user}`);
    await bench.manager(node);
    const before = node.wire.count('renew');
    await bench.clock.advance(12 * SECOND_MS);
    expect(node.wire.count('renew') - before).toBeLessThanOrEqual(2 * Math.ceil(151 / bench.store.usersPerCall));
    await bench.clock.advance(120 * SECOND_MS);
    expect(await bench.held()).toBe(1);
  });

  test('[QU50] every renewal comes 8 to 12 s after the one before, and no two nodes keep the same time', async () => {
    const bench = new SharedBench();
    const node = bench.node();
    await bench.manager(node);
    const gaps: number[] = [];
    let [last, count] = [bench.clock.now(), node.wire.count('renew')];
    while (gaps.length < 25 && bench.clock.now() < 600 * SECOND_MS) {
      await bench.clock.advance(100);
      if (node.wire.count('renew') === count) continue;
      gaps.push(bench.clock.now() - last);
      [last, count] = [bench.clock.now(), node.wire.count('renew')];
    }
    expect(gaps).toHaveLength(25);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(7900);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(12_100);
    expect(new Set(gaps).size).toBeGreaterThan(3);
  });

  test('[QU51] a node that is gone gives its users their places back after the time of a lease', async () => {
    const bench = new SharedBench();
    const [one, two] = [bench.node(), bench.node()];
    await bench.managers(20, one);
    one.wire.state = 'hang';
    await bench.clock.advance(29 * SECOND_MS - 12 * SECOND_MS);
    expect(await bench.admit(two)).toMatchObject({ admitted: false });
    await bench.clock.advance(14 * SECOND_MS);
    await bench.managers(20, two);
  });

  test('[QU52] the lease of a manager of whose peer nothing comes any more is not renewed', async () => {
    const bench = new SharedBench();
    const { clock, store } = bench;
    const book = new LeaseBook();
    const holders = [true, false].map((isLive) => ({ ...HOLDER, user: isLive ? 'ada' : 'bob', isLive: () => isLive }));
    for (const [index, holder] of holders.entries()) {
      const lease = new Lease(
        KEEPER,
        makeLeaseId(0, 'node-a', index, undefined),
        { user: holder.user, tenant: '' },
        holder,
      );
      lease.state = 'held';
      book.add(lease);
      const limits = { user: 20, tenant: Infinity, fleet: Infinity };
      const terms = { maxClosing: Infinity, ttlMs: 5000, nameHoldersFrom: Infinity };
      await store.acquire({ owner: lease.owner, leaseId: lease.id, limits, ...terms });
    }
    const deadlines = new DeadlineQueue(clock, () => undefined);
    const calls = new StoreCalls({ clock, deadlines }, 250, { away: () => undefined, back: () => undefined });
    const renewal = new Renewal({ ...KEEPER, store, terms: resolveTerms({}), calls, clock, book });
    await clock.advance(3000);
    const renewed = renewal.all();
    await clock.advance(3000);
    await renewed;
    expect([await bench.held('ada'), await bench.held('bob')]).toEqual([1, 0]);
  });

  test('[QU53] assert: what the store has forgotten is taken again, told, and nobody is dropped', async () => {
    const bench = new SharedBench();
    const nodes = [bench.node(), bench.node()] as const;
    await bench.managers(12, nodes[0]);
    await bench.managers(8, nodes[1]);
    const events = recordEvents(['watertight:lease:lost']);
    bench.forget();
    await bench.clock.advance(12 * SECOND_MS);
    expect(events.map(({ payload }) => payload['fate'])).toEqual(Array(20).fill('retaken'));
    expect(nodes.map(({ factory }) => factory.usage('ada').held)).toEqual([12, 8]);
    expect(await bench.held()).toBe(20);
    expect(nodes[0].shared.state().lost).toMatchObject({ retaken: 12 });
  });

  test('[QU54] assert: what is too much after grants were lost goes within one interval: exactly that, newest first', async () => {
    const bench = new SharedBench();
    const nodes = [bench.node(), bench.node(), bench.node()] as const;
    await bench.managers(10, nodes[0]);
    await bench.clock.advance(5);
    const middle = await bench.managers(10, nodes[1]);
    await bench.clock.advance(5);
    bench.forget();
    const late = await bench.managers(20, nodes[2]);
    expect(nodes.map(({ factory }) => factory.usage('ada').held)).toEqual([10, 10, 20]);
    await bench.clock.advance(13 * SECOND_MS);
    expect(nodes.map(({ factory }) => factory.usage('ada').held)).toEqual([10, 10, 0]);
    expect(middle.every(({ state }) => state === 'active')).toBe(true);
    expect(late.every(({ state }) => state === 'closed')).toBe(true);
    expect(nodes[2].factory.stats().released.byReason).toEqual({ 'over-limit': 20 });
    expect(await bench.held()).toBe(20);
  });

  test('[QU54] answers that come late make nobody older than those who came before', async () => {
    const bench = new SharedBench();
    const [early, late] = [bench.node(), bench.node()];
    await bench.clock.advance(1);
    late.wire.answersAfterMs = 200;
    await bench.clock.advance(2 * SECOND_MS);
    const before = await bench.managers(20, early);
    bench.forget();
    await bench.clock.advance(10);
    const admissions = Array.from({ length: 20 }, () =>
      late.factory.admit({ user: 'ada' }, { withoutConnection: true }),
    );
    await bench.clock.advance(200);
    expect((await Promise.all(admissions)).filter(({ admitted }) => admitted)).toHaveLength(20);
    await bench.clock.advance(13 * SECOND_MS);
    expect([early, late].map(({ factory }) => factory.usage('ada').held)).toEqual([20, 0]);
    expect(before.every(({ state }) => state === 'active')).toBe(true);
  });

  test('[QU59] assert: what the fleet or a tenant has too much after grants were lost goes within one interval, newest first', async () => {
    for (const limits of [{ maxManagersOfFleet: 20 }, { maxManagersPerTenant: 20, tenantOf: () => 'acme' }]) {
      const bench = new SharedBench();
      const nodes = [bench.node(limits), bench.node(limits), bench.node(limits)] as const;
      for (let user = 0; user < 10; user += 1) await bench.managers(1, nodes[0], `one ${user}`);
      for (let user = 0; user < 10; user += 1) await bench.managers(1, nodes[1], `two ${user}`);
      await bench.clock.advance(5);
      bench.forget();
      for (let user = 0; user < 10; user += 1) await bench.managers(2, nodes[2], `three ${user}`);
      expect(nodes.map(({ shared }) => shared.state().leases)).toEqual([10, 10, 20]);
      await bench.clock.advance(13 * SECOND_MS);
      expect(nodes.map(({ shared }) => shared.state().leases)).toEqual([10, 10, 0]);
      expect(nodes[2].factory.stats().released.byReason).toEqual({ 'over-limit': 20 });
      expect(await bench.admit(nodes[2], 'newcomer')).toMatchObject({ admitted: false });
    }
  });

  test('[QU54] a connection that was made anew is enough to renew everything at once', async () => {
    const bench = new SharedBench();
    const node = bench.node();
    await bench.managers(3, node);
    bench.forget();
    node.wire.reconnect();
    await bench.clock.advance(1);
    expect(await bench.held()).toBe(3);
  });

  test('[QU55] strict: a lease that the store has forgotten ends its manager, and the client may come again', async () => {
    const bench = new SharedBench();
    const node = bench.node({ onLeaseLost: 'strict' });
    const peer = new FakePeer(node.factory);
    await bench.admit(node, 'ada', { connection: peer.connection });
    bench.forget();
    await bench.clock.advance(13 * SECOND_MS);
    expect(peer.closes).toEqual([{ code: 1013, reason: 'lease-lost' }]);
    expect(node.factory.usage('ada').held).toBe(0);
  });

  test('[QU55] strict: a lease that cannot be renewed is closed before its time is over, by no more than the margin', async () => {
    const bench = new SharedBench();
    const node = bench.node({ onLeaseLost: 'strict', strictMarginMs: 1000 });
    const askedAtMs = bench.clock.now();
    const manager = await bench.manager(node);
    node.wire.state = 'hang';
    let closedAfterMs = 0;
    void manager.released.then(() => {
      closedAfterMs = bench.clock.now() - askedAtMs;
    });
    for (let second = 0; second < 32; second += 1) await bench.clock.advance(SECOND_MS);
    expect(closedAfterMs).toBe(29 * SECOND_MS);
  });

  test('[QU56] what comes in after its time is not passed on when strict, and is when not: the node notices before it serves', async () => {
    const bench = new SharedBench();
    const events = recordEvents(['watertight:lease:lost']);
    for (const [onLeaseLost, served] of [
      ['strict', false],
      ['assert', true],
    ] as const) {
      const node = bench.node({ onLeaseLost });
      const peer = new FakePeer(node.factory, { closes: false });
      await bench.admit(node, onLeaseLost, { connection: peer.connection });
      expect([peer.connection.isLeased, peer.connection.delivers()]).toEqual([true, true]);
      // The process stands still: I/O comes before the timers.
      bench.clock.stall(60 * SECOND_MS);
      expect(peer.connection.delivers()).toBe(served);
      expect(events.at(-1)?.payload).toMatchObject({ user: onLeaseLost, fate: 'expired' });
      expect(node.factory.usage(onLeaseLost).held).toBe(served ? 1 : 0);
      // Also when a timer has been quicker, and the peer has not closed yet.
      expect(peer.connection.delivers()).toBe(served);
      await bench.clock.advance(10);
      expect(await bench.held(onLeaseLost)).toBe(served ? 1 : 0);
    }
  });

  test('[QU57] neither the wall clock of a node nor that of the store changes how long a lease is good', async () => {
    const bench = new SharedBench();
    const [one, two] = [bench.node({ onLeaseLost: 'strict' }), bench.node()];
    const managers = await bench.managers(10, one);
    bench.clock.sleep(3_600_000);
    await bench.clock.advance(20 * SECOND_MS);
    bench.clock.sleep(-7_200_000);
    await bench.clock.advance(40 * SECOND_MS);
    await bench.managers(10, two);
    expect(managers.every(({ state }) => state === 'active')).toBe(true);
    expect(await bench.admit(two)).toMatchObject({ admitted: false, held: 20 });
  });

  test('[QU82] a lease that is taken again after its holder has left is given back', async () => {
    const bench = new SharedBench();
    const node = bench.node({}, { maxManagersPerUser: 1, emergencyThreshold: false });
    const manager = await bench.manager(node);
    await bench.clock.advance(10);
    const asked = deferred();
    // It has forgotten everything, and answers a renewal only after what came meanwhile.
    class Late extends MemoryStore {
      override async renew(...renewal: Parameters<MemoryStore['renew']>): Promise<RenewAnswer> {
        await asked.promise;
        return await super.renew(...renewal);
      }
    }
    const late = new Late(() => bench.clock.now() + bench.storeAheadMs);
    bench.store = late;
    node.wire.to(late);
    node.wire.reconnect();
    await bench.clock.advance(0);
    void manager.close();
    await bench.clock.advance(0);
    asked.resolve();
    await bench.clock.advance(10);
    expect(await bench.held()).toBe(0);
    expect(await bench.admit(node)).toMatchObject({ admitted: true });
  });

  test('[QU83] without sessionTakeover sockets of one session are several, on whatever node', async () => {
    const bench = new SharedBench();
    const nodes = [bench.node({}, { sessionTakeover: false }), bench.node({}, { sessionTakeover: false })] as const;
    for (const node of [...nodes, nodes[0]]) await bench.admit(node, 'ada', { sessionId: 'tab' });
    await bench.clock.advance(2 * SECOND_MS);
    expect(nodes.map(({ factory }) => factory.usage('ada').active)).toEqual([2, 1]);
    expect(await bench.held()).toBe(3);
  });

  test('[QU84] renewing leaves the event loop its turn between a few users and the next, also with a store that answers at once', async () => {
    const bench = new SharedBench();
    const node = bench.node();
    for (let user = 0; user < 1000; user += 1) await bench.admit(node, `user ${user}`);
    await bench.clock.advance(10);
    const before = node.wire.count('renew');
    node.wire.reconnect();
    await nextTurn();
    const atOnce = node.wire.count('renew') - before;
    await bench.clock.settle();
    expect(atOnce).toBeGreaterThan(0);
    expect(atOnce * node.wire.end.usersPerCall).toBeLessThanOrEqual(200);
    expect((node.wire.count('renew') - before) * node.wire.end.usersPerCall).toBeGreaterThanOrEqual(1000);
  });

  test('[QU85] a node that hears of a user near its limit after that user has gone has no emergency, nor has one without a threshold a run', async () => {
    const bench = new SharedBench();
    const nodes = [bench.node(), bench.node(), bench.node({}, { emergencyThreshold: false })] as const;
    const [first] = await bench.managers(1, nodes[1]);
    await bench.managers(1, nodes[2]);
    await bench.clock.advance(10);
    await bench.managers(15, nodes[0]);
    void first?.close();
    await bench.clock.advance(3 * SECOND_MS);
    expect(nodes.map(({ factory }) => factory.stats().emergency)).toMatchObject([
      { usersInEmergency: 1 },
      { usersInEmergency: 0, runs: 0 },
      { usersInEmergency: 0, runs: 0 },
    ]);
  });

  test('[QU85] a client that leaves while the store is asked leaves no emergency behind', async () => {
    const bench = new SharedBench();
    const [one, two] = [bench.node(), bench.node()];
    await bench.managers(17, one);
    await bench.clock.advance(10);
    two.wire.answersAfterMs = 100;
    const peer = new FakePeer(two.factory);
    const admission = two.factory.admit({ user: 'ada' }, { connection: peer.connection });
    await bench.clock.advance(50);
    peer.connection.end('client-close');
    await bench.clock.advance(1000);
    expect(await admission).toMatchObject({ admitted: false, reason: 'client-left' });
    expect(two.factory.stats().emergency).toMatchObject({ usersInEmergency: 0 });
  });

  test('[QU58] who is freed by an administrator is ended by the node that has it; a dead node is freed for good', async () => {
    const bench = new SharedBench();
    const [one, two] = [bench.node(), bench.node()];
    const peer = new FakePeer(one.factory);
    await bench.admit(one, 'ada', { connection: peer.connection });
    await bench.managers(4, one, 'bob');
    expect(await two.shared.freeUser('ada')).toBe(1);
    await bench.clock.advance(1500);
    expect(peer.closes).toEqual([{ code: 1001, reason: 'freed' }]);
    one.wire.state = 'hang';
    expect(await two.shared.freeNode(one.shared.state().nodeId)).toBe(4);
    expect(await bench.held('bob')).toBe(0);
    expect((await two.shared.users({ minHeld: 1 })).users).toEqual([]);
  });

  test('[QU80] what is asked of all nodes once the factory is closed rejects at once, also where the store would not answer', async () => {
    const bench = new SharedBench();
    const node = bench.node();
    await bench.managers(2, node);
    await node.factory.close();
    node.wire.state = 'hang';
    const { shared } = node;
    for (const asked of [shared.usage('ada'), shared.users(), shared.freeUser('ada'), shared.freeNode('node-a')])
      await expect(asked).rejects.toThrow('the factory is closed');
    expect(shared.state()).toMatchObject({ leases: 0 });
  });
}

const HOLDER: LeaseHolder = {
  id: 'manager',
  user: 'ada',
  sessionId: undefined,
  isClosed: false,
  isLive: () => true,
  holdLease: () => undefined,
  endForLease: () => undefined,
};

const KEEPER = {
  leaseDue: () => undefined,
  leaseServes: () => true,
  slotFreed: () => undefined,
  holderClosed: () => undefined,
  limitsOf: () => ({ user: 20, tenant: Infinity, fleet: Infinity }),
  renewed: () => undefined,
  missing: () => undefined,
  overElsewhere: () => undefined,
  overSomewhere: () => undefined,
  storeClock: new StoreClock(new ManualClock()),
};
