import { expect, test } from 'vitest';
import { FakePeer } from '../test/fake-peer.ts';
import { Bench, accountsBalance, deferred } from '../test/factory-kit.ts';

const WITHOUT = { withoutConnection: true } as const;
const TAB = { user: 'ada', sessionId: 'tab-1' } as const;

test('[A27] the same session takes its own place over, also at the limit, and the predecessor learns why', async () => {
  const bench = new Bench({ maxManagersPerUser: 2, emergencyThreshold: false });
  const peer = new FakePeer(bench.factory);
  const first = bench.factory.tryAdmit(TAB, { connection: peer.connection });
  bench.manager();
  const second = await bench.factory.admit(TAB, { connection: new FakePeer(bench.factory).connection });
  expect([first.admitted && first.manager.state, second.admitted]).toEqual(['closed', true]);
  expect(peer.closes).toEqual([{ code: 4409, reason: 'taken-over' }]);
  expect(bench.held()).toBe(2);
  expect(bench.factory.stats()).toMatchObject({
    created: 3,
    limitHits: 0,
    released: { byReason: { 'taken-over': 1 } },
  });
});

test('[A27] it is decided at once, without waiting for an emergency cleanup', async () => {
  const bench = new Bench({ maxManagersPerUser: 1 });
  bench.factory.tryAdmit(TAB, WITHOUT);
  expect(bench.factory.tryAdmit(TAB, WITHOUT).admitted).toBe(true);
  expect(bench.held()).toBe(1);
});

test('[A27] the limit of the process and of an address do not count the predecessor', () => {
  const bench = new Bench({ maxManagers: 1, maxManagersPerAddress: 1, emergencyThreshold: false });
  const request = { ...TAB, remoteAddress: '192.0.2.1' };
  bench.factory.tryAdmit(request, WITHOUT);
  expect(bench.factory.tryAdmit(request, WITHOUT).admitted).toBe(true);
  expect(bench.factory.stats()).toMatchObject({ active: 1, addresses: 1 });
});

test('[A27] another session, another user and no session take nobody over', () => {
  const bench = new Bench();
  bench.factory.tryAdmit(TAB, WITHOUT);
  for (const request of [{ ...TAB, sessionId: 'tab-2' }, { ...TAB, user: 'bob' }, { user: 'ada' }, { user: 'ada' }])
    bench.factory.tryAdmit(request, WITHOUT);
  expect(bench.factory.stats()).toMatchObject({ active: 5, released: { total: 0 } });
});

test('[A27] without sessionTakeover the same session counts as another one', () => {
  const bench = new Bench({ sessionTakeover: false, maxManagersPerUser: 2, emergencyThreshold: false });
  bench.factory.tryAdmit(TAB, WITHOUT);
  bench.factory.tryAdmit(TAB, WITHOUT);
  expect(bench.factory.tryAdmit(TAB, WITHOUT)).toMatchObject({ reason: 'user-limit' });
});

test('[A27] work in flight of the predecessor may finish within its deadline', async () => {
  const bench = new Bench();
  const first = bench.factory.tryAdmit(TAB, WITHOUT);
  if (!first.admitted) throw new Error('refused');
  const gate = deferred();
  const work = first.manager.run(() => gate.promise);
  bench.factory.tryAdmit(TAB, WITHOUT);
  expect([first.manager.signal.aborted, bench.held()]).toEqual([false, 1]);
  gate.resolve();
  await work;
  expect(await first.manager.released).toMatchObject({ reason: 'taken-over', deadlineMet: true });
});

test('[A28] a predecessor whose init runs is refused as taken over', async () => {
  const bench = new Bench();
  const gate = deferred();
  const first = bench.factory.admit(TAB, { ...WITHOUT, init: () => gate.promise });
  const second = await bench.factory.admit(TAB, WITHOUT);
  expect(second.admitted).toBe(true);
  expect(await first).toMatchObject({ reason: 'taken-over', httpStatus: 409, closeCode: 4409, retry: 'do-not-retry' });
  gate.resolve();
  expect(bench.held()).toBe(1);
});

test('[A28] of 50 admissions of one session at once the last one holds the slot', async () => {
  const bench = new Bench({ maxManagersPerUser: 1 });
  const gate = deferred();
  const attempts = Array.from({ length: 50 }, () => bench.factory.admit(TAB, { ...WITHOUT, init: () => gate.promise }));
  expect(bench.held()).toBe(1);
  gate.resolve();
  await bench.clock.advance(500);
  const admitted = (await Promise.all(attempts)).map((admission) => admission.admitted);
  expect(admitted).toEqual([...Array.from({ length: 49 }, () => false), true]);
  expect(accountsBalance(bench.factory)).toBe(true);
});

test('[A28] who is refused ends nobody', async () => {
  const bench = new Bench({ maxManagersPerUser: 1, maxClosingPerUser: 1, emergencyThreshold: false });
  const habits = { closes: false };
  const connect = (): FakePeer => new FakePeer(bench.factory, habits);
  bench.factory.tryAdmit(TAB, { connection: connect().connection });
  const second = bench.factory.tryAdmit(TAB, { connection: connect().connection });
  expect(second.admitted).toBe(true);
  // The first is closing still, and a second one that closes would count as held.
  expect(bench.factory.tryAdmit(TAB, { connection: connect().connection })).toMatchObject({ reason: 'user-limit' });
  const gone = connect();
  gone.connection.end('client-close');
  expect(bench.factory.tryAdmit(TAB, { connection: gone.connection })).toMatchObject({ reason: 'client-left' });
  expect(second.admitted && second.manager.state).toBe('active');
  await bench.clock.advance(500);
  expect(bench.factory.tryAdmit(TAB, WITHOUT).admitted).toBe(true);
});

test('[A28] whoever admits somebody else when the predecessor ends cannot push the user over its limit', () => {
  const bench = new Bench({ maxManagersPerUser: 1, emergencyThreshold: false });
  const first = bench.factory.tryAdmit(TAB, WITHOUT);
  if (!first.admitted) throw new Error('refused');
  let intruder: unknown;
  first.manager.signal.addEventListener('abort', () => {
    intruder = bench.factory.tryAdmit({ user: 'ada' }, WITHOUT).admitted;
  });
  const second = bench.factory.tryAdmit(TAB, WITHOUT);
  expect([intruder, second.admitted].filter((admitted) => admitted === true)).toHaveLength(1);
  expect(bench.held()).toBe(1);
  expect(accountsBalance(bench.factory)).toBe(true);
});

test('[A51] a session id or an address of null is none', async () => {
  const bench = new Bench({ maxManagersPerAddress: 1, maxConnectsPerSecondPerAddress: 1, connectBurstMs: 1000 });
  const request = { user: 'ada', sessionId: null, remoteAddress: null };
  const admissions = [bench.factory.tryAdmit(request), await bench.factory.admit(request)];
  expect(admissions.map(({ admitted }) => admitted)).toEqual([true, true]);
  expect(bench.held()).toBe(2);
  expect(bench.factory.managersOf('ada').map(({ context }) => [context.sessionId, context.remoteAddress])).toEqual([
    [undefined, undefined],
    [undefined, undefined],
  ]);
});

test('[A51] one that is no text is named before a slot is taken', async () => {
  const bench = new Bench({ maxManagersPerAddress: 1 });
  const wrong = { sessionId: 7, remoteAddress: 8 };
  for (const [name, value] of Object.entries(wrong)) {
    const request = { user: 'ada', [name]: value };
    const problems = [expect.stringContaining(`${name} must be a string, or null where`)];
    await expect(bench.factory.admit(request, { withoutConnection: true })).rejects.toMatchObject({ problems });
  }
  expect([bench.held(), bench.factory.stats().created]).toEqual([0, 0]);
});
