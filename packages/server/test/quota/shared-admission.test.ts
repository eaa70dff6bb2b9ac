import { expect, test } from 'vitest';
import { FakePeer } from '../fake-peer.ts';
import { accountsBalance, deferred } from '../factory-kit.ts';
import { SharedBench } from './shared-bench.ts';

test('[QU30] all nodes together admit as many as the limit says, and count what they refused', async () => {
  const bench = new SharedBench();
  const [one, two] = [bench.node(), bench.node()];
  await bench.managers(12, one);
  const attempts = Array.from({ length: 15 }, () => two.factory.admit({ user: 'ada' }, { withoutConnection: true }));
  await bench.clock.advance(600);
  const admissions = await Promise.all(attempts);
  expect(admissions.filter(({ admitted }) => admitted)).toHaveLength(8);
  const refusal = admissions.find(({ admitted }) => !admitted);
  expect(refusal).toMatchObject({ reason: 'user-limit', limit: 20, held: 20, httpStatus: 429 });
  const stats = two.factory.stats();
  expect(stats).toMatchObject({ active: 8, pending: 0, limitHits: 7 });
  expect(stats.released.byReason).toEqual({ 'refused-by-quota': 7 });
  expect(accountsBalance(two.factory)).toBe(true);
  expect(await bench.held()).toBe(20);
  expect(await one.shared.usage('ada')).toMatchObject({ held: 20 });
});

test('[QU30] a refused connection stays with whoever brought it, and can be brought again', async () => {
  const bench = new SharedBench();
  const [one, two] = [bench.node(), bench.node()];
  const [first] = await bench.managers(1, one, 'eve');
  const tight = bench.node({}, { maxManagersPerUser: 1 });
  const peer = new FakePeer(tight.factory);
  const admission = tight.factory.admit({ user: 'eve' }, { connection: peer.connection });
  await bench.clock.advance(600);
  expect(await admission).toMatchObject({ admitted: false, reason: 'user-limit' });
  expect([peer.closes, peer.destroyed, peer.connection.ended]).toEqual([[], undefined, false]);
  await first?.close();
  await bench.clock.advance(500);
  expect(await bench.admit(tight, 'eve', { connection: peer.connection })).toMatchObject({ admitted: true });
  expect(two.factory.stats().created).toBe(0);
});

test('[QU31] what this node alone is at the limit with is refused without asking anybody', async () => {
  const bench = new SharedBench();
  const node = bench.node({}, { maxManagersPerUser: 3, emergencyThreshold: false });
  await bench.managers(3, node);
  const asked = node.wire.count('acquire');
  expect(await bench.admit(node)).toMatchObject({ admitted: false, reason: 'user-limit', held: 3 });
  expect(node.wire.count('acquire')).toBe(asked);
});

test('[QU31] a refusal of the store holds for denialCacheMs, and no longer than until one of the user leaves', async () => {
  const bench = new SharedBench();
  const options = { maxManagersPerUser: 3, emergencyThreshold: false } as const;
  const [one, two] = [bench.node({}, options), bench.node({ denialCacheMs: 400 }, options)];
  await bench.managers(2, one);
  const own = await bench.manager(two);
  for (let attempt = 0; attempt < 10; attempt += 1)
    expect(await bench.admit(two)).toMatchObject({ reason: 'user-limit', limit: 3, held: 3 });
  expect(two.wire.count('acquire')).toBe(2);
  await bench.clock.advance(400);
  await bench.admit(two);
  expect(two.wire.count('acquire')).toBe(3);
  await own.close();
  expect(await bench.admit(two)).toMatchObject({ admitted: true });
});

test('[QU31] a refusal of the store holds no longer than until a limit is changed, or an administrator frees leases', async () => {
  const bench = new SharedBench();
  const [one, two] = [bench.node(), bench.node()];
  await bench.managers(20, one);
  expect((await bench.admit(two)).admitted).toBe(false);
  two.factory.setOverride('ada', { maxManagers: 21 });
  expect((await bench.admit(two)).admitted).toBe(true);
  expect((await bench.admit(two)).admitted).toBe(false);
  await two.shared.freeNode(one.shared.state().nodeId);
  expect((await bench.admit(two)).admitted).toBe(true);
});

test('[QU90] a refusal that is remembered keeps no session from taking its own lease over, and holds for whoever else comes', async () => {
  const bench = new SharedBench();
  const options = { maxManagersPerUser: 3, emergencyThreshold: false } as const;
  const [one, two] = [bench.node({}, options), bench.node({}, options)];
  for (const sessionId of ['phone', 'desk', 'tv']) await bench.admit(one, 'ada', { sessionId });
  expect(await bench.admit(two, 'ada', { sessionId: 'stranger' })).toMatchObject({ reason: 'user-limit' });
  expect(await bench.admit(two, 'ada', { sessionId: 'phone' })).toMatchObject({ admitted: true });
  expect(await bench.held()).toBe(3);
  const asked = two.wire.count('acquire');
  for (let attempt = 0; attempt < 5; attempt += 1) {
    expect(await bench.admit(two, 'ada', { sessionId: 'stranger' })).toMatchObject({ reason: 'user-limit' });
    expect(await bench.admit(two)).toMatchObject({ reason: 'user-limit' });
  }
  expect(two.wire.count('acquire') - asked).toBeLessThanOrEqual(1);
});

test('[QU32] the lease is given back when the close is issued, with others of its user in one command', async () => {
  const bench = new SharedBench();
  const node = bench.node();
  const managers = await bench.managers(5, node);
  managers[0]?.defer(() => new Promise(() => undefined));
  for (const manager of managers) void manager.close();
  expect(await bench.held()).toBe(0);
  // One for those that are closed already, one for the one that is closing.
  expect(node.wire.count('release')).toBe(2);
  expect(await node.shared.usage('ada')).toMatchObject({ held: 0, closing: 1 });
  await bench.clock.advance(600);
  expect(await node.shared.usage('ada')).toMatchObject({ closing: 0 });
});

test('[QU32] those of many users that go in one turn of the loop go in one command', async () => {
  const bench = new SharedBench();
  const node = bench.node();
  for (const user of ['ada', 'bob', 'eve']) await bench.managers(2, node, user);
  await node.factory.closeAllForUser('eve', 'gone');
  const before = node.wire.count('release');
  for (const user of ['ada', 'bob']) void node.factory.closeAllForUser(user, 'gone');
  expect([await bench.held('ada'), await bench.held('bob')]).toEqual([0, 0]);
  expect(node.wire.count('release') - before).toBe(1);
});

test('[QU32] whoever takes the place of one that has just left finds it free, also at the limit of all nodes', async () => {
  const bench = new SharedBench();
  const [one, two] = [bench.node(), bench.node()];
  await bench.managers(19, one);
  let manager = await bench.manager(two);
  for (let round = 0; round < 10; round += 1) {
    void manager.close();
    manager = await bench.manager(two);
  }
  expect(await bench.held()).toBe(20);
});

test('[QU33] init runs once the lease is there, and a client that leaves meanwhile leaves nothing behind', async () => {
  const bench = new SharedBench();
  const node = bench.node();
  node.wire.state = 'late';
  const peer = new FakePeer(node.factory);
  let initialised = 0;
  const init = (): void => {
    initialised += 1;
  };
  const admission = node.factory.admit({ user: 'ada' }, { connection: peer.connection, init });
  expect(node.factory.usage('ada')).toMatchObject({ held: 1, pending: 1 });
  peer.connection.markGone();
  expect(node.factory.usage('ada').held).toBe(0);
  node.wire.state = 'whole';
  await bench.clock.advance(300);
  expect(await admission).toMatchObject({ admitted: false, reason: 'client-left' });
  expect([initialised, await bench.held()]).toEqual([0, 0]);
});

test('[QU34] tryAdmit cannot ask and says so; admit works, and the factory of one process is as it was', async () => {
  const bench = new SharedBench();
  const node = bench.node();
  expect(() => node.factory.tryAdmit({ user: 'ada' })).toThrow(
    expect.objectContaining({ code: 'WATERTIGHT_E_SHARED_QUOTA' }),
  );
  expect(await bench.admit(node)).toMatchObject({ admitted: true });
});

test('[QU35] a session is taken over from whatever node: its place is not counted twice, and the old one ends within a second', async () => {
  const bench = new SharedBench();
  const [one, two] = [bench.node({}, { maxManagersPerUser: 2 }), bench.node({}, { maxManagersPerUser: 2 })];
  const peer = new FakePeer(one.factory);
  await bench.admit(one, 'ada', { sessionId: 'phone', connection: peer.connection });
  await bench.manager(one);
  expect(await bench.admit(two, 'ada', { sessionId: 'phone' })).toMatchObject({ admitted: true });
  expect(await bench.held()).toBe(2);
  await bench.clock.advance(1000);
  expect(peer.closes).toEqual([{ code: 4409, reason: 'taken-over' }]);
  expect([one.factory.usage('ada').held, two.factory.usage('ada').held, await bench.held()]).toEqual([1, 1, 2]);
});

test('[QU36] overrides set on one node hold on all, at once where they count, and are listed everywhere', async () => {
  const bench = new SharedBench();
  const [one, two] = [bench.node(), bench.node()];
  await bench.clock.advance(10);
  one.factory.setOverride('ada', { maxManagers: 1 });
  await bench.clock.advance(0);
  await bench.manager(two);
  expect(await bench.admit(two)).toMatchObject({ admitted: false, reason: 'user-limit', limit: 1 });
  one.factory.setOverride('ada', { maxManagers: 30 });
  await bench.clock.advance(1000);
  expect(two.factory.overrides()).toEqual([{ user: 'ada', maxManagers: 30 }]);
  await bench.managers(25, two);
  one.factory.setOverride('ada', { maxManagers: 0 });
  await bench.clock.advance(1000);
  expect(await bench.admit(two)).toMatchObject({ admitted: false, reason: 'banned' });
  two.factory.clearOverride('ada');
  await bench.clock.advance(1000);
  expect([one.factory.overrides(), two.factory.overrides()]).toEqual([[], []]);
});

test('[QU95] each override is written once, however many are set at once, also while the factory is being closed', async () => {
  const bench = new SharedBench();
  const [one, two] = [bench.node(), bench.node()];
  await bench.clock.advance(10);
  one.wire.answersAfterMs = 20;
  for (let user = 0; user < 250; user += 1) one.factory.setOverride(`user ${user}`, { maxManagers: user });
  one.factory.setOverride('user 7', { maxManagers: 99 });
  const closed = one.factory.close();
  await bench.clock.advance(2000);
  await closed;
  expect(one.wire.count('setOverride')).toBeLessThanOrEqual(251);
  expect(two.factory.overrides()).toHaveLength(250);
  expect(two.factory.overrides()).toContainEqual({ user: 'user 7', maxManagers: 99 });
});

test('[QU95] an override that the store does not take keeps no node from saying that it lives', async () => {
  const bench = new SharedBench();
  const [one, two] = [bench.node(), bench.node()];
  one.wire.refuses = (name) => name === 'setOverride';
  one.factory.setOverride('ada', { maxManagers: 1 });
  await bench.clock.advance(60_000);
  expect(two.shared.state().nodes).toBe(2);
  expect(two.factory.overrides()).toEqual([]);
  one.wire.refuses = () => false;
  await bench.clock.advance(3000);
  expect(two.factory.overrides()).toEqual([{ user: 'ada', maxManagers: 1 }]);
});

test('[QU37] near the limit of all nodes, every node that holds some looks who of them is gone', async () => {
  const bench = new SharedBench();
  const [one, two] = [bench.node(), bench.node()];
  for (let index = 0; index < 10; index += 1) {
    const silent = new FakePeer(one.factory, { answers: false });
    await bench.admit(one, 'ada', { connection: silent.connection });
  }
  await bench.clock.advance(40_000);
  await bench.managers(9, two);
  await bench.clock.advance(1500);
  expect(one.factory.stats().emergency.removed.silent).toBe(10);
  expect(await bench.held()).toBe(9);
});

test('[QU37] an attempt that the store refuses waits for the cleanup here, and is decided anew', async () => {
  const bench = new SharedBench();
  const options = { maxManagersPerUser: 4 } as const;
  const [one, two] = [bench.node({}, options), bench.node({}, options)];
  await bench.managers(2, one);
  const silent = [new FakePeer(two.factory, { answers: false }), new FakePeer(two.factory, { answers: false })];
  for (const peer of silent) await bench.admit(two, 'ada', { connection: peer.connection });
  await bench.clock.advance(45_000);
  const admission = two.factory.admit({ user: 'ada' }, { withoutConnection: true });
  await bench.clock.advance(300);
  expect(await admission).toMatchObject({ admitted: true });
  for (const { closes } of silent) expect(closes).toEqual([{ code: 4408, reason: 'emergency:silent' }]);
});

test('[QU38] evict-oldest makes room at the limit of all nodes among those that this node has', async () => {
  const bench = new SharedBench();
  const options = { maxManagersPerUser: 4, onLimit: 'evict-oldest', emergencyThreshold: false } as const;
  const [one, two] = [bench.node({}, options), bench.node({}, options)];
  await bench.managers(3, one);
  const oldest = await bench.manager(two);
  expect(await bench.admit(two)).toMatchObject({ admitted: true });
  expect([oldest.state, await bench.held()]).toEqual(['closed', 4]);
});

test('[QU38] where all nodes together hold more than a limit that was lowered, nobody goes for nothing', async () => {
  const bench = new SharedBench();
  const options = { maxManagersPerUser: 4, onLimit: 'evict-oldest', emergencyThreshold: false } as const;
  const [one, two] = [bench.node({}, options), bench.node({}, options)];
  await bench.managers(3, one);
  const oldest = await bench.manager(two);
  two.factory.setOverride('ada', { maxManagers: 2 });
  expect(await bench.admit(two)).toMatchObject({ admitted: false, reason: 'user-limit', limit: 2, held: 4 });
  expect([oldest.state, await bench.held()]).toEqual(['active', 4]);
});

test('[QU39] a drain frees the place of each as its close is issued, and the rest when it is over', async () => {
  const bench = new SharedBench();
  const [one, two] = [bench.node(), bench.node()];
  await bench.managers(20, one);
  const drained = one.factory.drain({ windowMs: 2000 });
  await bench.clock.advance(1000);
  const heldThere = one.factory.usage('ada').held;
  expect(heldThere).toBeLessThan(20);
  expect(await bench.held()).toBe(heldThere);
  await bench.managers(20 - heldThere, two);
  await bench.clock.advance(3000);
  await drained;
  expect(await bench.held()).toBe(20 - heldThere);
  expect(one.shared.state().leases).toBe(0);
});

test('[QU40] closing the factory gives everything back, leaves no timer, and the node is counted no more', async () => {
  const bench = new SharedBench();
  const [one, two] = [bench.node(), bench.node()];
  await bench.managers(5, one);
  const pending = deferred();
  void one.factory.admit({ user: 'bob' }, { withoutConnection: true, init: () => pending.promise });
  await bench.clock.advance(1);
  const closed = one.factory.close();
  await bench.clock.advance(600);
  await closed;
  expect([await bench.held('ada'), await bench.held('bob')]).toEqual([0, 0]);
  await bench.clock.advance(1000);
  expect(two.shared.state().nodes).toBe(1);
  const closedToo = two.factory.close();
  await bench.clock.advance(600);
  await closedToo;
  expect(bench.clock.armed).toBe(0);
});

test('[QU67] a tenantOf that throws, or names no tenant, bounds nobody by a tenant and leaves nothing behind', async () => {
  const bench = new SharedBench();
  const tenantOf = (user: string): string => {
    if (user === 'broken') throw new Error('no such user');
    return undefined as unknown as string;
  };
  const one = bench.node({ maxManagersPerTenant: 1, tenantOf }, { maxManagersPerUser: 2 });
  for (const user of ['ada', 'bob', 'broken'])
    expect(await bench.admit(one, user), user).toMatchObject({ admitted: true });
  await bench.clock.advance(60_000);
  expect(one.factory.stats()).toMatchObject({ active: 3, pending: 0 });
  expect(new Set(one.errors.map(({ name }) => name))).toEqual(new Set(['tenantOf']));
});

test('[QU67] leases that were taken while tenantOf threw are renewed and given back where they are', async () => {
  const bench = new SharedBench();
  let isKnown = false;
  const tenantOf = (): string => {
    if (!isKnown) throw new Error('not known yet');
    return 'acme';
  };
  const node = bench.node({ maxManagersPerTenant: 9, tenantOf });
  const managers = await bench.managers(2, node);
  isKnown = true;
  managers.push(...(await bench.managers(3, node)));
  await bench.clock.advance(60_000);
  expect([await bench.held(), (await node.shared.usage('ada')).held]).toEqual([2, 3]);
  expect(node.shared.state().lost).toMatchObject({ retaken: 0, expired: 0 });
  for (const manager of managers) void manager.close();
  expect([await bench.held(), (await node.shared.usage('ada')).held]).toEqual([0, 0]);
});
