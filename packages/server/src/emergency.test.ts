import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { Bench, NEVER, recordEvents, watch } from '../test/factory-kit.ts';
import { FakePeer } from '../test/fake-peer.ts';
import { SlowClock } from '../test/slow-clock.ts';

const HEARTBEAT = { heartbeatIntervalMs: 30_000 };
/** Longer than an interval; nobody's heartbeat runs meanwhile. */
const QUIET_MS = 31_000;

test('[E1] it runs at the start of the 17th admission of 20, not of the 16th', async () => {
  const bench = new Bench();
  bench.managers(16);
  expect(bench.factory.stats().emergency.runs).toBe(0);
  bench.manager();
  expect(bench.factory.stats().emergency).toMatchObject({ runs: 1, usersInEmergency: 1 });
  await bench.clock.settle();
  expect(bench.held()).toBe(17);
});

test.each([
  [3, 0.8, 3],
  [5, 0.5, 3],
  [10, 0.55, 6],
  [100, 0.55, 55],
  [1, 0.8, 1],
])('[E1] with a limit of %i and a threshold of %d it first runs when %i are held', (limit, threshold, first) => {
  const bench = new Bench({ maxManagersPerUser: limit, emergencyThreshold: threshold, emergencyExitThreshold: 0.1 });
  bench.managers(first);
  expect(bench.factory.stats().emergency.runs).toBe(0);
  bench.factory.tryAdmit({ user: 'ada' });
  expect(bench.factory.stats().emergency.runs).toBe(1);
});

test('[E2] below the limit the admission is decided at once and the run goes on beside it', async () => {
  const bench = new Bench(HEARTBEAT);
  bench.sessions(16, 'ada', { answers: false });
  bench.clock.stall(QUIET_MS);
  const admission = await bench.factory.admit({ user: 'ada' }, { withoutConnection: true });
  expect(admission.admitted).toBe(true);
  expect(bench.factory.stats().emergency.running).toBe(1);
});

test('[E3, E4] of 16 the 8 silent ones go, and the 8 who are asked and answer stay', async () => {
  const bench = new Bench(HEARTBEAT);
  const silent = bench.sessions(8, 'ada', { answers: false });
  const living = bench.sessions(8, 'ada');
  bench.clock.stall(QUIET_MS);
  const seventeenth = bench.manager();
  expect([...silent, ...living].map(({ peer }) => peer.pings)).toEqual(Array(16).fill(1));
  await bench.clock.advance(199);
  expect(bench.held()).toBe(17);
  await bench.clock.advance(1);
  expect(bench.held()).toBe(9);
  for (const { manager } of silent) expect((await manager.released).reason).toBe('emergency:silent');
  for (const { manager } of living) expect(manager.state).toBe('active');
  expect(seventeenth.state).toBe('active');
  const { emergency, released } = bench.factory.stats();
  expect(emergency).toMatchObject({
    runs: 1,
    running: 0,
    removed: { silent: 8, dead: 0, neverAttached: 0, forced: 0 },
  });
  expect(released.byReason).toEqual({ 'emergency:silent': 8 });
});

test('[E4] young, old, idle, pending and connectionless managers are spared, and so is whoever talks', async () => {
  const bench = new Bench({ ...HEARTBEAT, pendingDeadlineMs: 100_000 });
  const old = bench.sessions(4);
  bench.managers(4);
  await bench.clock.advance(1_000_000);
  bench.manager('ada', {});
  void bench.factory.admit(
    { user: 'ada' },
    { connection: new FakePeer(bench.factory, { answers: false }).connection, init: () => NEVER },
  );
  bench.clock.stall(QUIET_MS);
  for (const { peer } of old) peer.connection.inbound();
  bench.sessions(7, 'ada', { answers: false });
  await bench.factory.runEmergencyCleanup('ada');
  expect(bench.held()).toBe(17);
  expect(bench.factory.stats().released.total).toBe(0);
});

test('[E5] at the limit the attempt waits for the run and takes the slot it frees', async () => {
  const bench = new Bench(HEARTBEAT);
  bench.sessions(19, 'ada');
  bench.session('ada', { answers: false });
  await bench.clock.advance(2000);
  bench.clock.stall(QUIET_MS);
  const attempt = bench.factory.admit({ user: 'ada' }, { withoutConnection: true });
  const state = watch(attempt);
  await bench.clock.advance(199);
  expect(state.settled).toBe(false);
  await bench.clock.advance(1);
  expect((await attempt).admitted).toBe(true);
  expect(bench.held()).toBe(20);
  expect(bench.factory.stats().limitHits).toBe(0);
});

test('[E5] it waits for at most probeTimeoutMs and 50 ms, and is then one limit hit', async () => {
  const bench = new Bench({ ...HEARTBEAT, probeTimeoutMs: 300 });
  bench.sessions(20, 'ada', { answers: false });
  await bench.clock.advance(2000);
  bench.clock.stall(QUIET_MS);
  const attempt = bench.factory.admit({ user: 'ada' });
  const state = watch(attempt);
  await bench.clock.advance(250);
  // Our own loop lags, so the run asks again and takes longer than anybody waits for it.
  bench.clock.stall(200);
  await bench.clock.advance(0);
  expect([state.settled, bench.factory.stats().emergency.running]).toEqual([true, 1]);
  expect((await attempt).admitted).toBe(false);
  expect(bench.factory.stats().limitHits).toBe(1);
});

test('[E5] of several who wait at the limit as many are admitted as slots were freed', async () => {
  const bench = new Bench(HEARTBEAT);
  bench.sessions(17, 'ada');
  bench.sessions(3, 'ada', { answers: false });
  await bench.clock.advance(2000);
  bench.clock.stall(QUIET_MS);
  const attempts = Array.from({ length: 10 }, () => bench.factory.admit({ user: 'ada' }, { withoutConnection: true }));
  await bench.clock.advance(300);
  expect((await Promise.all(attempts)).filter(({ admitted }) => admitted)).toHaveLength(3);
  expect(bench.held()).toBe(20);
  expect(bench.factory.stats()).toMatchObject({ limitHits: 7, emergency: { runs: 2 } });
});

test('[E6] within a second of a run no admission starts another, whoever asked for the last one', async () => {
  const bench = new Bench();
  bench.managers(17);
  await bench.clock.settle();
  const runs = (): number => bench.factory.stats().emergency.runs;
  expect(runs()).toBe(1);
  await bench.clock.advance(900);
  bench.manager();
  expect(runs()).toBe(1);
  await bench.factory.runEmergencyCleanup('ada');
  expect(runs()).toBe(2);
  await bench.clock.advance(150);
  bench.manager();
  expect(runs()).toBe(2);
  await bench.clock.advance(849);
  bench.factory.tryAdmit({ user: 'ada' });
  expect(runs()).toBe(2);
  await bench.clock.advance(2);
  bench.factory.tryAdmit({ user: 'ada' });
  expect(runs()).toBe(3);
});

test('[E7] one run per user at a time: whoever asks meanwhile joins it', async () => {
  const bench = new Bench(HEARTBEAT);
  bench.sessions(16, 'ada', { answers: false });
  bench.clock.stall(QUIET_MS);
  bench.manager();
  const joined = [bench.factory.runEmergencyCleanup('ada'), bench.factory.runEmergencyCleanup('ada')];
  bench.manager();
  expect(bench.factory.stats().emergency).toMatchObject({ runs: 1, running: 1 });
  await bench.clock.advance(200);
  const [first, second] = await Promise.all(joined);
  expect(first).toBe(second);
  expect(first).toMatchObject({
    user: 'ada',
    level: 'moderate',
    asked: 16,
    answered: 0,
    removed: { silent: 16 },
    durationMs: 200,
  });
});

test('[E8] force frees exactly as many as needed, idle longest first, and no work in flight', async () => {
  const bench = new Bench();
  const sessions = bench.sessions(10, 'ada');
  for (const [index, { peer }] of sessions.entries()) {
    await bench.clock.advance(10);
    if (index !== 3) peer.talk();
  }
  void sessions[3]?.manager.run(() => NEVER);
  const report = await bench.factory.runEmergencyCleanup('ada', { level: 'force', needed: 3 });
  expect(report.removed).toEqual({ dead: 0, neverAttached: 0, silent: 0, forced: 3 });
  expect(sessions.flatMap(({ manager }, index) => (manager.state === 'active' ? [] : [index]))).toEqual([0, 1, 2]);
  expect((await sessions[0]?.manager.released)?.reason).toBe('emergency:forced');
});

test('[E8] force asks the suspects first, and the silent ones count towards what is needed', async () => {
  const bench = new Bench({ ...HEARTBEAT, maxManagersPerUser: 10, emergencyThreshold: false });
  const silent = bench.sessions(2, 'ada', { answers: false });
  const living = bench.sessions(3, 'ada');
  bench.clock.stall(QUIET_MS);
  const young = bench.session();
  const run = bench.factory.runEmergencyCleanup('ada', { level: 'force', needed: 3 });
  await bench.clock.advance(200);
  expect(await run).toMatchObject({ asked: 5, answered: 3, removed: { silent: 2, forced: 1 } });
  expect(silent.map(({ manager }) => manager.state)).toEqual(['closed', 'closed']);
  expect(living.map(({ manager }) => manager.state)).toEqual(['closed', 'active', 'active']);
  expect(young.manager.state).toBe('active');
});

test('[E9] conservative removes those never attached past their deadline and asks nobody', async () => {
  // The deadlines of this factory do not run, as if they had been missed.
  const bench = new Bench({ ...HEARTBEAT, pendingDeadlineMs: 5000, maxManagersPerUser: false });
  const suspects = bench.sessions(2, 'ada', { answers: false });
  const overdue = bench.manager('ada', {});
  bench.clock.stall(40_000);
  const young = bench.manager('ada', {});
  const report = await bench.factory.runEmergencyCleanup('ada', { level: 'conservative' });
  expect(report).toMatchObject({ asked: 0, removed: { neverAttached: 1, silent: 0 } });
  expect((await overdue.released).reason).toBe('emergency:never-attached');
  expect([young.state, ...suspects.map(({ manager }) => manager.state)]).toEqual(['active', 'active', 'active']);
});

test('[E9] who lost its last connection and only waits for its grace to end is dead, unless work is in flight', async () => {
  const bench = new Bench({ releaseGraceMs: 60_000 });
  const [graced, working, attached] = bench.sessions(3);
  void working?.manager.run(() => NEVER);
  graced?.peer.connection.markGone();
  working?.peer.connection.markGone();
  const report = await bench.factory.runEmergencyCleanup('ada', { level: 'conservative' });
  expect(report.removed).toEqual({ dead: 1, neverAttached: 0, silent: 0, forced: 0 });
  expect((await graced?.manager.released)?.reason).toBe('emergency:dead');
  expect([working?.manager.state, attached?.manager.state]).toEqual(['active', 'active']);
});

test('[E10] the managers of other users are not touched', async () => {
  const bench = new Bench(HEARTBEAT);
  const others = bench.sessions(5, 'bob', { answers: false });
  bench.sessions(16, 'ada', { answers: false });
  bench.clock.stall(QUIET_MS);
  bench.manager('ada');
  await bench.clock.advance(200);
  expect(bench.held('ada')).toBe(1);
  for (const { manager } of others) expect(manager.state).toBe('active');
  expect(others.map(({ peer }) => peer.pings)).toEqual([1, 1, 1, 1, 1]);
});

test('[E11] an emergency begins at the threshold and ends below the exit threshold, once each', async () => {
  const bench = new Bench();
  const events = recordEvents(['watertight:emergency:state']);
  const managers = bench.managers(18);
  expect(events.map(({ payload }) => payload)).toEqual([
    { factory: 'default', user: 'ada', inEmergency: true, held: 16 },
  ]);
  for (const manager of managers.slice(0, 4)) void manager.close();
  expect([bench.held(), events.length]).toEqual([14, 1]);
  void managers[4]?.close();
  expect(events.slice(1).map(({ payload }) => payload)).toEqual([
    { factory: 'default', user: 'ada', inEmergency: false, held: 13 },
  ]);
  expect(bench.factory.stats().emergency.usersInEmergency).toBe(0);
  await bench.clock.settle();
});

test('[E12] a run by hand is never put off, and without a user it is over everybody', async () => {
  const bench = new Bench(HEARTBEAT);
  bench.sessions(3, 'ada', { answers: false });
  bench.sessions(3, 'bob', { answers: false });
  bench.sessions(2, 'eve');
  bench.clock.stall(QUIET_MS);
  await bench.factory.runEmergencyCleanup('nobody');
  const run = bench.factory.runEmergencyCleanup();
  await bench.clock.advance(200);
  expect(await run).toMatchObject({ user: null, heldBefore: 8, asked: 8, answered: 2, removed: { silent: 6 } });
  expect(await bench.factory.runEmergencyCleanup()).toMatchObject({ heldBefore: 2 });
});

test('[E14] a wait in which our own loop was held up proves nothing: everybody is asked again', async () => {
  const bench = new Bench(HEARTBEAT);
  const { manager, peer } = bench.session('ada', { answers: false });
  bench.clock.stall(QUIET_MS);
  const run = bench.factory.runEmergencyCleanup('ada');
  bench.clock.stall(400);
  await bench.clock.advance(0);
  expect([peer.pings, manager.state]).toEqual([3, 'active']);
  peer.connection.inbound();
  await bench.clock.advance(200);
  expect(await run).toMatchObject({ asked: 1, answered: 1, removed: { silent: 0 } });
});

test('[E14] an answer that arrived in the turn in which the wait ended counts', async () => {
  const bench = new Bench(HEARTBEAT);
  const { manager, peer } = bench.session('ada', { answers: false });
  bench.clock.stall(29_000);
  peer.connection.inbound();
  await bench.clock.advance(2);
  bench.clock.stall(30_500);
  const run = bench.factory.runEmergencyCleanup('ada');
  await bench.clock.advance(199);
  bench.clock.arrive(() => peer.connection.inbound());
  await bench.clock.advance(1);
  expect(await run).toMatchObject({ answered: 1, removed: { silent: 0 } });
  expect(manager.state).toBe('active');
});

test('[E15] without a threshold no admission starts a run, and a run by hand still works', async () => {
  const bench = new Bench({ ...HEARTBEAT, emergencyThreshold: false });
  bench.sessions(20, 'ada', { answers: false });
  bench.clock.stall(QUIET_MS);
  expect(bench.factory.tryAdmit({ user: 'ada' }).admitted).toBe(false);
  expect(bench.factory.stats().emergency).toMatchObject({ runs: 0, usersInEmergency: 0 });
  const run = bench.factory.runEmergencyCleanup('ada');
  await bench.clock.advance(200);
  expect((await run).removed.silent).toBe(20);
});

test('[E16] the limit of the process has the same threshold, over the managers of all users', async () => {
  const bench = new Bench({ ...HEARTBEAT, maxManagers: 10 });
  for (const user of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) bench.session(user, { answers: user === 'a' });
  await bench.clock.advance(1100);
  bench.clock.stall(QUIET_MS);
  const attempt = bench.factory.admit({ user: 'new' }, { withoutConnection: true });
  await bench.clock.advance(200);
  expect((await attempt).admitted).toBe(true);
  expect([bench.held('a'), bench.held('b'), bench.held('new')]).toEqual([1, 0, 1]);
});

test('[E17] whoever is removed is told so by a close code, and its socket goes', async () => {
  const bench = new Bench(HEARTBEAT);
  const { peer } = bench.session('ada', { answers: false, closes: false });
  bench.clock.stall(QUIET_MS);
  void bench.factory.runEmergencyCleanup('ada');
  await bench.clock.advance(200);
  expect(peer.closes).toEqual([{ code: 4408, reason: 'emergency:silent' }]);
  await bench.clock.advance(200);
  expect(peer.destroyed).toBe('fin');
});

test('[E7] whoever asks for a run while one removes the dead joins it', async () => {
  const bench = new Bench({ maxManagersPerUser: 5, releaseGraceMs: 60_000 });
  const sessions = bench.sessions(5);
  await bench.clock.advance(1500);
  const { runs } = bench.factory.stats().emergency;
  for (const { peer } of sessions) peer.connection.markGone();
  const joined: unknown[] = [];
  const again = (): void => void joined.push(bench.factory.runEmergencyCleanup('ada'));
  subscribe('watertight:manager:released', again);
  const run = bench.factory.runEmergencyCleanup('ada');
  unsubscribe('watertight:manager:released', again);
  expect(joined).toEqual([run, run, run, run, run]);
  expect((await run).removed.dead).toBe(5);
  expect(bench.factory.stats().emergency.runs).toBe(runs + 1);
});

test('[E19] a run over everybody is done in slices, and whoever is dead of those that are looked at first is gone at once', async () => {
  const clock = new SlowClock();
  const bench = new Bench(
    {
      maxManagers: 1000,
      overloadThreshold: false,
      emergencyThreshold: 0.5,
      emergencyExitThreshold: 0.4,
      releaseGraceMs: 100_000,
    },
    clock,
  );
  const dead = Array.from({ length: 800 }, (_, number) => bench.session(`user ${number}`));
  // The run that began on the way finds nobody.
  await clock.advance(2000);
  for (const { peer } of dead) peer.connection.end('client-close');
  const before = bench.factory.stats().emergency.runs;
  bench.factory.tryAdmit({ user: 'new' }, { withoutConnection: true });
  const goneAtOnce = dead.filter(({ manager }) => manager.state !== 'active').length;
  await clock.settle();
  const gone = dead.filter(({ manager }) => manager.state !== 'active').length;
  expect(bench.factory.stats().emergency.runs - before).toBe(1);
  expect(goneAtOnce).toBeGreaterThan(0);
  expect(goneAtOnce).toBeLessThan(800);
  expect(gone).toBe(800);
});

test('[E12] a run by hand looks at a user of any number of managers, more of them than a call takes arguments', async () => {
  const bench = new Bench({ maxManagersPerUser: false });
  bench.managers(200_000);
  expect(await bench.factory.runEmergencyCleanup('ada')).toMatchObject({ heldBefore: 200_000, asked: 0 });
});
