import { expect, expectTypeOf, test } from 'vitest';
import type { FactoryStats } from './stats.ts';
import { Bench, NEVER, accountsBalance, recordEvents } from '../test/factory-kit.ts';
import { FakePeer } from '../test/fake-peer.ts';

function everythingFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every((inner) => everythingFrozen(inner));
}

test('[T1] the snapshot is plain, frozen through and through, and survives JSON', async () => {
  const bench = new Bench();
  bench.sessions(17);
  await bench.clock.settle();
  const stats = bench.factory.stats();
  expect(everythingFrozen(stats)).toBe(true);
  expect(JSON.parse(JSON.stringify(stats))).toEqual(stats);
  expectTypeOf(stats).toEqualTypeOf<FactoryStats>();
  expect(everythingFrozen(bench.factory.usage('ada'))).toBe(true);
});

test('[T1] reading changes nothing: what was about to be released still is, what was not still is not', async () => {
  const bench = new Bench({
    heartbeatIntervalMs: 1000,
    pendingDeadlineMs: 2000,
    releaseGraceMs: 1000,
    sweepIntervalMs: 500,
  });
  const detached = bench.manager();
  const { manager: silent } = bench.session('ada', { answers: false });
  const unattached = bench.manager('ada', {});
  const { manager: graced, peer } = bench.session();
  peer.connection.markGone();
  const { manager: idle } = bench.session();
  for (let round = 0; round < 100; round += 1) {
    await bench.clock.advance(40);
    const [one, other] = [bench.factory.stats(), bench.factory.stats()];
    expect(one).toEqual(other);
    bench.factory.usage('ada');
    bench.factory.managersOf('ada');
    bench.factory.usage('nobody');
  }
  await bench.clock.advance(20_000);
  expect([silent, unattached, graced, idle, detached].map(({ state }) => state)).toEqual([
    'closed',
    'closed',
    'closed',
    'active',
    'active',
  ]);
  expect(bench.factory.stats().users).toBe(1);
});

test('[T2] created = active + pending + closing + released, also inside every event', async () => {
  const bench = new Bench({ maxManagersPerUser: 3, maxClosingPerUser: 1 });
  let events = 0;
  const unbalanced: string[] = [];
  const seen = recordEvents();
  const push = seen.push.bind(seen);
  seen.push = (...items) => {
    events += 1;
    if (!accountsBalance(bench.factory)) unbalanced.push(...items.map(({ name }) => name));
    return push(...items);
  };
  const sessions = bench.sessions(3, 'ada', { closes: false });
  bench.factory.tryAdmit({ user: 'ada' });
  for (const { manager } of sessions) void manager.close();
  void bench.factory.admit({ user: 'bob' }, { withoutConnection: true, init: () => Promise.reject(new Error('no')) });
  for (const manager of bench.managers(3, 'eve')) void manager.destroy();
  await bench.clock.advance(500);
  expect([unbalanced, events > 20]).toEqual([[], true]);
  expect(accountsBalance(bench.factory)).toBe(true);
});

test('[T3] every count is what is there: by state, by user, connections, without connection, oldest', async () => {
  const bench = new Bench();
  bench.manager('ada');
  await bench.clock.advance(100);
  bench.sessions(2, 'ada');
  void bench.session('ada', { closes: false }).manager.close();
  const { manager } = bench.session('bob');
  manager.attach(new FakePeer(bench.factory).connection);
  void bench.factory.admit({ user: 'bob' }, { withoutConnection: true, init: () => NEVER });
  void bench.session('eve', { closes: false }).manager.close();
  await bench.clock.advance(50);
  expect(bench.factory.stats()).toMatchObject({
    created: 7,
    active: 4,
    pending: 1,
    closing: 2,
    users: 3,
    connections: 6,
    withoutConnection: 2,
    oldestAgeMs: 150,
    perUser: [
      { user: 'ada', held: 3, active: 3, pending: 0, closing: 1 },
      { user: 'bob', held: 2, active: 1, pending: 1, closing: 0 },
      { user: 'eve', held: 0, active: 0, pending: 0, closing: 1 },
    ],
  });
  expect(bench.factory.managersOf('ada')).toHaveLength(3);
});

test('[T4] releases are counted by reason; beyond 64 different reasons the rest is counted together', async () => {
  const bench = new Bench({ maxManagersPerUser: false });
  for (let index = 0; index < 100; index += 1) await bench.manager().close(`reason ${index}`);
  await bench.manager().close('reason 3');
  const { released } = bench.factory.stats();
  expect(released.total).toBe(101);
  expect(Object.keys(released.byReason)).toHaveLength(65);
  expect(released.byReason).toMatchObject({ 'reason 3': 2, other: 36 });
});

test('[T5] the three figures of a release are kept apart', async () => {
  const bench = new Bench();
  const { manager } = bench.session('ada', { closes: false });
  manager.defer(() => NEVER);
  void manager.close();
  await bench.clock.advance(500);
  const { slotReusable, socketGone, finalizersDone } = bench.factory.stats().cleanup;
  expect(slotReusable).toMatchObject({ count: 1, maxMs: 0 });
  expect(socketGone).toMatchObject({ count: 1, maxMs: 200 });
  expect(finalizersDone.count).toBe(1);
  expect(finalizersDone.maxMs).toBeGreaterThan(400);
});

test('[T5] a finalizer that hangs is over the deadline, although the manager is closed just before it', async () => {
  const bench = new Bench();
  const { manager: quick } = bench.session();
  quick.defer(() => undefined);
  const { manager } = bench.session();
  manager.defer(() => NEVER);
  void quick.close();
  void manager.close();
  await bench.clock.advance(500);
  const { finalizersDone, socketGone } = bench.factory.stats().cleanup;
  expect(finalizersDone).toMatchObject({ count: 2, overDeadline: 1 });
  expect(finalizersDone.maxMs).toBeLessThanOrEqual(500);
  expect(socketGone.overDeadline).toBe(0);
  expect((await manager.released).deadlineMet).toBe(false);
});

test('[T9] the users with the most managers are named, as many as statsTopUsers', () => {
  const bench = new Bench({ statsTopUsers: 2 });
  for (const [user, count] of [
    ['one', 1],
    ['three', 3],
    ['two', 2],
  ] as const)
    bench.managers(count, user);
  expect(bench.factory.stats().perUser.map(({ user }) => user)).toEqual(['three', 'two']);
  expect(new Bench({ statsTopUsers: 0 }).factory.stats().perUser).toEqual([]);
});
