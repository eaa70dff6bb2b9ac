import { expect, test } from 'vitest';
import { createManagerFactory } from './factory.ts';
import { Bench, NEVER, accountsBalance, atEnd, deferred, watch } from '../test/factory-kit.ts';
import { FakePeer } from '../test/fake-peer.ts';

test.each(['close', 'destroy'] as const)(
  '[R1] the slot is free when %s returns, however long the rest takes',
  (verb) => {
    const bench = new Bench({ maxManagersPerUser: 1, emergencyThreshold: false });
    const { manager } = bench.session('ada', { closes: false });
    manager.defer(() => NEVER);
    void manager[verb]();
    expect(bench.factory.usage('ada')).toMatchObject({ held: 0, closing: 1 });
    expect(bench.manager('ada').state).toBe('active');
  },
);

test.each([
  ['end', (peer: FakePeer) => peer.connection.end('client-close'), 'client-close'],
  ['error', (peer: FakePeer) => peer.connection.end('client-error'), 'client-error'],
  ['close', (peer: FakePeer) => peer.connection.markGone(), 'client-close'],
] as const)('[R2] the %s of the last socket is the release, at once', async (_event, end, reason) => {
  const bench = new Bench();
  const { manager, peer } = bench.session();
  let disposed = false;
  manager.defer(() => {
    disposed = true;
  });
  end(peer);
  expect([bench.held(), disposed]).toEqual([0, true]);
  peer.connection.markGone();
  await bench.clock.settle();
  expect((await manager.released).reason).toBe(reason);
  expect(bench.factory.stats().released.byReason).toEqual({ [reason]: 1 });
});

test('[R3] a finalizer that throws, at once or later, stops no other and is named with its place', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const ran: string[] = [];
  manager.defer(() => ran.push('first'));
  manager.defer(
    () => {
      throw new Error('at once');
    },
    { name: 'thrower' },
  );
  manager.defer(async function rejecter() {
    await Promise.resolve();
    throw new Error('later');
  });
  // Things that no text can be made of, and a resource without a constructor.
  manager.defer(() => {
    // oxlint-disable-next-line typescript/only-throw-error
    throw Object.create(null);
  });
  manager.use(
    Object.assign(Object.create(null) as object, {
      [Symbol.dispose]: () => {
        throw new Error('no prototype');
      },
    }),
  );
  manager.defer(() => ran.push('last'));
  const report = await manager.close();
  expect(ran).toEqual(['last', 'first']);
  expect(report.failed.map(({ name, error }) => [name, error])).toEqual([
    ['disposable', 'no prototype'],
    ['finalizer', 'something that cannot be written as text'],
    ['rejecter', 'later'],
    ['thrower', 'at once'],
  ]);
  for (const { registeredAt } of report.failed) expect(registeredAt).toMatch(/release\.test\.ts:\d+$/);
  expect(report.deadlineMet).toBe(true);
  expect(bench.errors.map(({ stage }) => stage)).toEqual(['finalizer', 'finalizer', 'finalizer', 'finalizer']);
});

test('[R3] without registration sites it is named without its place', async () => {
  const manager = new Bench({ registrationSites: false }).manager();
  manager.defer(() => Promise.reject(new Error('broke')));
  expect((await manager.close()).failed).toEqual([{ name: 'finalizer', registeredAt: 'unknown', error: 'broke' }]);
});

test('[R4] a finalizer holds the next one back until it is done, for at most finalizerHoldMs', async () => {
  const bench = new Bench({ finalizerHoldMs: 100 });
  const manager = bench.manager();
  const startedAtMs: Record<string, number> = {};
  const note = (name: string): void => {
    startedAtMs[name] = bench.clock.now() - beganAtMs;
  };
  manager.defer(() => note('third'));
  const quick = deferred();
  manager.defer(() => {
    note('second');
    return quick.promise;
  });
  manager.defer(() => {
    note('first');
    return NEVER;
  });
  const beganAtMs = bench.clock.now();
  void manager.destroy();
  await bench.clock.advance(99);
  expect(startedAtMs).toEqual({ first: 0 });
  await bench.clock.advance(1);
  expect(startedAtMs).toEqual({ first: 0, second: 100 });
  await bench.clock.advance(30);
  quick.resolve();
  await bench.clock.settle();
  expect(startedAtMs).toEqual({ first: 0, second: 100, third: 130 });
});

test('[R5] all finalizers are started by the deadline, and those not done are named and told to stop', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const started: number[] = [];
  const signals: AbortSignal[] = [];
  for (let index = 0; index < 20; index += 1) {
    manager.defer(
      ({ signal }) => {
        started.push(index);
        signals.push(signal);
        return index % 2 === 0 ? NEVER : undefined;
      },
      { name: `finalizer ${index}` },
    );
  }
  const released = manager.destroy();
  await bench.clock.advance(470);
  expect(started.length).toBeLessThan(20);
  expect(signals.some(({ aborted }) => aborted)).toBe(false);
  await bench.clock.advance(30);
  const report = await released;
  expect(started).toHaveLength(20);
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
  expect(report).toMatchObject({ finalizersRun: 20, deadlineMet: false });
  expect(report.overdue.map(({ name }) => name)).toEqual(
    [18, 16, 14, 12, 10, 8, 6, 4, 2, 0].map((index) => `finalizer ${index}`),
  );
  expect(report.overdue[0]?.registeredAt).toMatch(/release\.test\.ts:\d+$/);
  expect(bench.errors).toHaveLength(10);
  expect(bench.errors.map(({ error }) => (error as Error).message)[0]).toMatch(
    /^Finalizer finalizer 18, registered at .*release\.test\.ts:\d+, had not finished by the cleanup deadline of 500 ms$/,
  );
});

test('[R6] an overdue finalizer that fails later is reported and never unhandled', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const late = deferred();
  manager.defer(() => late.promise, { name: 'late' });
  const unhandled: unknown[] = [];
  const listener = (reason: unknown): void => {
    unhandled.push(reason);
  };
  process.on('unhandledRejection', listener);
  atEnd(() => process.off('unhandledRejection', listener));
  const released = manager.destroy();
  await bench.clock.advance(500);
  expect((await released).overdue).toHaveLength(1);
  late.reject(new Error('after the deadline'));
  await bench.clock.settle();
  expect(unhandled).toEqual([]);
  expect(bench.errors.map(({ error }) => (error as Error).message)).toContain('after the deadline');
});

test('[R7] a peer that does not answer the close frame is terminated after closeHandshakeMs', async () => {
  const bench = new Bench();
  const { manager, peer } = bench.session('ada', { closes: false });
  const beganAtMs = bench.clock.now();
  const released = manager.close('bye');
  expect(peer.closes).toEqual([{ code: 1001, reason: 'bye' }]);
  await bench.clock.advance(199);
  expect(peer.destroyed).toBeUndefined();
  await bench.clock.advance(1);
  expect([peer.destroyed, (peer.destroyedAtMs ?? 0) - beganAtMs]).toEqual(['fin', 200]);
  expect(await released).toMatchObject({ socketGoneMs: 200, deadlineMet: true });
});

test('[R7] a socket that cannot be destroyed is reported, and nobody waits longer than the deadline', async () => {
  const bench = new Bench();
  const peer = bench.factory.connect({
    ping: () => undefined,
    close: () => {
      throw new Error('close broke');
    },
    destroy: () => {
      throw new Error('destroy broke');
    },
  });
  const manager = bench.manager('ada', { connection: peer });
  const released = manager.close();
  await bench.clock.advance(500);
  expect(await released).toMatchObject({ socketGoneMs: null, deadlineMet: false });
  expect(bench.errors.map(({ stage }) => stage)).toEqual(['transport', 'transport']);
});

test('[R8] close lets work in flight finish, destroy does not wait for it', async () => {
  const bench = new Bench();
  const [draining, aborted] = bench.sessions(2);
  const work = deferred();
  for (const session of [draining, aborted]) void session?.manager.run(() => work.promise);
  void draining?.manager.close();
  void aborted?.manager.destroy();
  expect(bench.held()).toBe(0);
  expect([draining?.peer.closes.length, aborted?.peer.closes.length]).toEqual([0, 1]);
  expect([draining?.manager.state, aborted?.manager.state]).toEqual(['closing', 'closed']);
  await bench.clock.advance(100);
  work.resolve();
  await bench.clock.settle();
  expect([draining?.peer.closes.length, draining?.manager.state]).toEqual([1, 'closed']);
});

test('[R8] work that never ends is waited for only as long as the close handshake still fits', async () => {
  const bench = new Bench();
  const { manager, peer } = bench.session('ada', { closes: false });
  void manager.run(() => NEVER);
  const released = manager.close();
  await bench.clock.advance(500);
  expect([peer.closes.length, peer.destroyed]).toEqual([1, 'fin']);
  expect(await released).toMatchObject({ deadlineMet: true });
});

test('[R9] whoever ends a manager second gets the report of the first', async () => {
  const bench = new Bench();
  const { manager, peer } = bench.session('ada', { closes: false });
  let disposals = 0;
  manager.defer(() => {
    disposals += 1;
    void manager.destroy('from within');
  });
  const reports = [manager.close('first'), manager.close('second'), manager.destroy('third')];
  peer.connection.markGone();
  reports.push(manager.released, manager.close());
  const [first, ...others] = await Promise.all(reports);
  expect(first).toMatchObject({ reason: 'first', user: 'ada', managerId: manager.id });
  for (const other of others) expect(other).toBe(first);
  await manager[Symbol.asyncDispose]();
  expect(disposals).toBe(1);
  expect(bench.factory.stats().released).toEqual({ total: 1, byReason: { first: 1 } });
});

test('[R9] a transport that lets go while it is told to, at whatever stage, is released once', async () => {
  const bench = new Bench();
  for (const closes of [true, false]) {
    const { manager } = bench.session('ada', { closes });
    const order: string[] = [];
    manager.defer(() => order.push('finalizer'));
    const released = manager.close();
    await bench.clock.advance(1000);
    expect(order).toEqual(['finalizer']);
    expect(await released).toMatchObject({ finalizersRun: 1, deadlineMet: true });
  }
  expect(bench.factory.stats().released.total).toBe(2);
  expect(accountsBalance(bench.factory)).toBe(true);
});

test('[R10] closing managers beyond maxClosingPerUser count as held again', async () => {
  const bench = new Bench({ maxManagersPerUser: 4, maxClosingPerUser: 2, emergencyThreshold: false });
  for (const manager of bench.managers(4)) {
    manager.defer(() => NEVER);
    void manager.destroy();
  }
  expect(bench.factory.usage('ada')).toMatchObject({ held: 2, active: 0, closing: 4 });
  bench.managers(2);
  expect(bench.factory.tryAdmit({ user: 'ada' })).toMatchObject({ reason: 'user-limit', held: 4 });
  await bench.clock.advance(500);
  expect(bench.factory.usage('ada')).toMatchObject({ held: 2, active: 2, closing: 0 });
  expect(bench.factory.stats().cleanup.slotReusable).toMatchObject({ count: 4, overDeadline: 0 });
  expect(bench.factory.stats().cleanup.slotReusable.maxMs).toBeGreaterThan(400);
});

test('[R11] a teardown that the event loop held back says so and gives finalizers their turn', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const work = deferred();
  manager.defer(() => work.promise, { name: 'innocent' });
  const released = manager.destroy();
  await bench.clock.advance(300);
  bench.clock.stall(2000);
  const done = watch(released);
  await bench.clock.advance(0);
  expect(done.settled).toBe(false);
  work.resolve();
  await bench.clock.settle();
  const report = await released;
  expect(report.overdue).toEqual([]);
  expect(report.eventLoopStalledMs).toBeGreaterThan(1500);
  expect(report.deadlineMet).toBe(false);
});

test('[R12] closing a factory ends every manager with its reason, refuses, and resolves when all are closed', async () => {
  const bench = new Bench();
  const sessions = [...bench.sessions(3, 'ada', { closes: false }), ...bench.sessions(2, 'bob')];
  const pending = bench.factory.admit({ user: 'eve' }, { withoutConnection: true, init: () => NEVER });
  const closed = bench.factory.close();
  const state = watch(closed);
  expect(bench.factory.stats()).toMatchObject({ state: 'closed', active: 0, pending: 0, closing: 3, users: 1 });
  await bench.clock.advance(199);
  expect(state.settled).toBe(false);
  await bench.clock.advance(1);
  await closed;
  expect(sessions.map(({ peer }) => peer.closes[0]?.code)).toEqual([1012, 1012, 1012, 1012, 1012]);
  expect((await pending).admitted).toBe(false);
  const { created, released } = bench.factory.stats();
  expect([created, released.byReason]).toEqual([6, { 'factory-closed': 6 }]);
  await bench.factory[Symbol.asyncDispose]();
});

test('[R12] after the close of a factory no timer is armed, whatever was going on', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000, releaseGraceMs: 5000 });
  const { peer } = bench.session('ada', { answers: false });
  bench.session('bob').manager.every(10, () => undefined);
  bench.manager('eve', {});
  bench.sessions(18, 'ada', { answers: false });
  await bench.clock.advance(1200);
  const waiting = [bench.factory.admit({ user: 'ada' }), bench.factory.admit({ user: 'ada' })];
  peer.connection.markGone();
  void bench.factory.runEmergencyCleanup();
  const closed = bench.factory.close();
  await bench.clock.advance(1000);
  await Promise.all([closed, ...waiting]);
  expect(bench.clock.armed).toBe(0);
});

test('[R13] closeAllForUser ends every manager of one user, whatever its state, and of nobody else', async () => {
  const bench = new Bench({ maxClosingPerUser: 1 });
  bench.sessions(3, 'ada', { closes: false });
  const pending = bench.factory.admit({ user: 'ada' }, { withoutConnection: true, init: () => NEVER });
  const closing = bench.session('ada', { closes: false }).manager;
  void closing.close('before');
  bench.sessions(2, 'bob');
  const closed = bench.factory.closeAllForUser('ada', 'banned');
  await bench.clock.advance(500);
  const reports = await closed;
  expect(reports.map(({ reason }) => reason).toSorted()).toEqual(['banned', 'banned', 'banned', 'banned', 'before']);
  expect((await pending).admitted).toBe(false);
  expect([bench.held('ada'), bench.held('bob')]).toEqual([0, 2]);
});

test('[R13] it waits for managers that were closing before', async () => {
  const bench = new Bench({ maxClosingPerUser: 1 });
  for (const { manager } of bench.sessions(3, 'ada', { closes: false })) void manager.close();
  expect(bench.held()).toBe(2);
  const closed = bench.factory.closeAllForUser('ada');
  await bench.clock.advance(500);
  expect(await closed).toHaveLength(3);
  expect(bench.held()).toBe(0);
});

test('[R14] a manager is closed as soon as everything is done, not at its deadline', async () => {
  const bench = new Bench();
  const { manager, peer } = bench.session('ada', { closes: false });
  const disposed = deferred();
  manager.defer(() => disposed.promise);
  const released = manager.close();
  await bench.clock.advance(20);
  peer.connection.markGone();
  await bench.clock.advance(15);
  disposed.resolve();
  await bench.clock.settle();
  expect(await released).toMatchObject({
    socketGoneMs: 20,
    finalizersDoneMs: 35,
    deadlineMet: true,
    eventLoopStalledMs: 0,
  });
});

test('[R12] a factory closed on the clock of the system leaves no timer of its own', async () => {
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const factory = createManagerFactory({ heartbeatIntervalMs: 1000 });
  factory.start();
  const peer = new FakePeer(factory);
  factory.tryAdmit({ user: 'ada' }, { connection: peer.connection });
  await factory.close();
  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(before);
});
