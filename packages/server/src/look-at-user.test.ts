import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { Bench } from '../test/factory-kit.ts';

test('[T13] a user is shown manager by manager: age, idleness, connections, what each owns', async () => {
  const bench = new Bench({ heartbeatIntervalMs: false });
  const { manager, peer } = bench.session('ada');
  manager.defer(() => undefined, { name: 'unsubscribe' });
  manager.listen(new EventEmitter(), 'news', () => undefined);
  const child = manager.child();
  child.every(1000, () => undefined);
  peer.unsent = 77;
  await bench.clock.advance(5000);
  peer.talk();
  await bench.clock.advance(2000);
  const { usage, hasOverride, managers, notListed } = bench.factory.lookAt('ada');
  expect([usage.held, hasOverride, managers.length, notListed]).toEqual([1, false, 1, 0]);
  expect(managers[0]).toMatchObject({
    id: manager.id,
    state: 'active',
    ageMs: 7000,
    idleMs: 2000,
    quietMs: 2000,
    connections: 1,
    inFlight: 0,
    unsentBytes: 77,
    sessionId: null,
    remoteAddress: null,
    reason: null,
  });
  const { count, andMore, listed } = managers[0]?.owned ?? {};
  expect([count, andMore]).toEqual([3, false]);
  expect(listed?.map(({ name }) => name)).toEqual(['timer', "listener 'news'", 'unsubscribe']);
  expect(listed?.[2]?.place).toMatch(/look-at-user\.test\.ts:\d+$/);
});

test('[T13] looking changes nothing, and what is closing says why', async () => {
  const bench = new Bench();
  const { manager } = bench.session('ada', { closes: false });
  bench.factory.setOverride('ada', { maxManagers: 3 });
  const before = bench.factory.stats();
  bench.factory.lookAt('ada');
  bench.factory.lookAt('nobody');
  expect(bench.factory.stats()).toEqual(before);
  const closed = manager.close('by hand');
  expect(bench.factory.lookAt('ada')).toMatchObject({
    usage: { held: 0, closing: 1, limit: 3 },
    hasOverride: true,
    managers: [{ state: 'closing', reason: 'by hand' }],
  });
  await bench.clock.advance(1000);
  await closed;
  expect(bench.factory.lookAt('ada').managers).toEqual([]);
});

test('[T13] of very many only some are listed, and the rest is counted', () => {
  const bench = new Bench({ maxManagersPerUser: false });
  const [first] = bench.managers(230, 'crawler');
  for (let count = 0; count < 1200; count += 1) first?.defer(() => undefined);
  const { managers, notListed } = bench.factory.lookAt('crawler');
  expect([managers.length, notListed]).toEqual([200, 30]);
  expect(managers[0]?.owned).toMatchObject({ count: 1000, andMore: true });
  expect(managers[0]?.owned.listed).toHaveLength(50);
});

test('[E18] a preview says who an emergency cleanup would remove and ask, and does nothing', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000, heartbeatMisses: 5, releaseGraceMs: 10_000 });
  const dead = bench.session('ada');
  const quiet = bench.session('ada', { answers: false });
  bench.session('bob', { answers: false });
  await bench.clock.advance(1500);
  dead.peer.connection.markGone();
  const before = bench.factory.stats();
  expect(bench.factory.previewEmergencyCleanup('ada')).toEqual({
    user: 'ada',
    level: 'moderate',
    held: 2,
    remove: { dead: 1, neverAttached: 0, silent: 0, forced: 0 },
    ask: 1,
  });
  expect(bench.factory.previewEmergencyCleanup(undefined, { level: 'conservative' })).toMatchObject({
    user: null,
    held: 3,
    ask: 0,
  });
  expect(bench.factory.stats()).toEqual(before);
  expect([dead.manager.state, quiet.manager.state]).toEqual(['active', 'active']);
  const run = bench.factory.runEmergencyCleanup('ada');
  await bench.clock.advance(300);
  expect(await run).toMatchObject({ asked: 1, removed: { dead: 1, silent: 1 } });
});
