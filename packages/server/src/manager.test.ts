import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { ManagerClosedError } from './errors.ts';
import { Bench, NEVER, deferred, watch } from '../test/factory-kit.ts';
import { FakePeer } from '../test/fake-peer.ts';

test('[M1] a manager goes from active through closing to closed', async () => {
  const bench = new Bench();
  const { manager } = bench.session('ada', { closes: false });
  expect(manager.state).toBe('active');
  const released = manager.close();
  expect(manager.state).toBe('closing');
  await bench.clock.advance(200);
  await released;
  expect(manager.state).toBe('closed');
});

test('[M2] several connections may be attached, and the manager ends with the last of them', async () => {
  const bench = new Bench();
  const { manager, peer } = bench.session();
  const second = new FakePeer(bench.factory);
  manager.attach(second.connection);
  expect(manager.connectionCount).toBe(2);
  peer.connection.markGone();
  expect(manager).toMatchObject({ state: 'active', connectionCount: 1 });
  second.connection.markGone();
  await bench.clock.settle();
  expect(manager.state).toBe('closed');
  expect((await manager.released).reason).toBe('client-close');
});

test('[M3] a connection beyond the bound, an ended one and one of another manager are refused with their codes', () => {
  const bench = new Bench({ maxConnectionsPerManager: 2 });
  const { manager, peer } = bench.session();
  manager.attach(new FakePeer(bench.factory).connection);
  const third = new FakePeer(bench.factory);
  expect(() => manager.attach(third.connection)).toThrow(
    expect.objectContaining({ code: 'WATERTIGHT_E_CONNECTION_LIMIT' }),
  );
  const other = bench.manager();
  expect(() => other.attach(peer.connection)).toThrow(
    expect.objectContaining({ code: 'WATERTIGHT_E_CONNECTION_ENDED' }),
  );
  third.connection.end('client-close');
  expect(() => other.attach(third.connection)).toThrow(
    expect.objectContaining({ code: 'WATERTIGHT_E_CONNECTION_ENDED' }),
  );
  expect(manager.connectionCount).toBe(2);
});

test('[M3] what is attached to a manager that has ended is closed, and the caller is told', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  await manager.close();
  const late = new FakePeer(bench.factory);
  expect(() => manager.attach(late.connection)).toThrow(ManagerClosedError);
  expect(late.closes).toEqual([{ code: 1001, reason: 'closed' }]);
});

test('[M4] the context is frozen and made of the request; ids are unique', () => {
  const bench = new Bench();
  const request = { user: 'ada', sessionId: 'tab-1', remoteAddress: '127.0.0.1' };
  const admission = bench.factory.tryAdmit(request, { withoutConnection: true });
  if (!admission.admitted) throw new Error('refused');
  request.user = 'bob';
  const { context } = admission.manager;
  expect(context).toEqual({ user: 'ada', sessionId: 'tab-1', remoteAddress: '127.0.0.1' });
  expect(Object.isFrozen(context)).toBe(true);
  const ids = new Set([...bench.managers(10), ...new Bench().managers(10)].map(({ id }) => id));
  expect(ids.size).toBe(20);
});

test('[M12] the signal is made when read, and aborted when the end is issued', () => {
  const bench = new Bench();
  const [manager, unread] = bench.managers(2);
  const signal = manager?.signal;
  expect(signal?.aborted).toBe(false);
  void manager?.destroy('bye');
  expect(signal?.aborted).toBe(true);
  expect(signal?.reason).toBeInstanceOf(ManagerClosedError);
  void unread?.destroy();
  expect(unread?.signal.aborted).toBe(true);
});

test('[M12] while close() drains, the signal is not aborted before the work is done', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const work = deferred();
  const { signal } = manager;
  let abortedInFinalizer: boolean | undefined;
  manager.defer(() => {
    abortedInFinalizer = signal.aborted;
  });
  void manager.run(() => work.promise);
  const released = manager.close();
  expect([signal.aborted, manager.signal.aborted]).toEqual([false, false]);
  work.resolve();
  await released;
  expect([signal.aborted, abortedInFinalizer]).toEqual([true, true]);
});

test('[M13] run hands back what the work answers or throws, and refuses after the end', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  await expect(manager.run(() => 42)).resolves.toBe(42);
  await expect(manager.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await manager.close();
  await expect(manager.run(() => 42)).rejects.toMatchObject({ code: 'WATERTIGHT_E_MANAGER_CLOSED' });
});

test('[M14] a thousand managers with connections share one timer', async () => {
  const bench = new Bench({ maxManagersPerUser: false });
  bench.sessions(1000);
  expect(bench.clock.armed).toBe(1);
  await bench.clock.advance(30_000);
  expect(bench.clock.armed).toBe(1);
});

test('[M15] with releaseGraceMs a manager outlives its last connection by that long', async () => {
  const bench = new Bench({ releaseGraceMs: 2000 });
  const { manager, peer } = bench.session();
  const returning = bench.session();
  peer.connection.markGone();
  returning.peer.connection.markGone();
  await bench.clock.advance(1990);
  expect(manager.state).toBe('active');
  returning.manager.attach(new FakePeer(bench.factory).connection);
  await bench.clock.advance(20);
  expect(manager.state).toBe('closed');
  expect((await manager.released).reason).toBe('client-close');
  expect(returning.manager.state).toBe('active');
});

test('[M16] a manager admitted without connection stays until it is closed', async () => {
  const bench = new Bench({ pendingDeadlineMs: 1000, sweepIntervalMs: 1000 });
  const manager = bench.manager();
  const admission = await bench.factory.admit({ user: 'ada' }, { withoutConnection: true, init: () => undefined });
  await bench.clock.advance(60_000);
  expect(manager.state).toBe('active');
  expect(admission).toMatchObject({ admitted: true, manager: { state: 'active' } });
});

test('[M17] a manager that is never attached is released after pendingDeadlineMs', async () => {
  const bench = new Bench({ pendingDeadlineMs: 2000 });
  const never = bench.manager('ada', {});
  const inTime = bench.manager('ada', {});
  await bench.clock.advance(1990);
  inTime.attach(new FakePeer(bench.factory).connection);
  expect(never.state).toBe('active');
  await bench.clock.advance(20);
  expect(never.state).toBe('closed');
  expect((await never.released).reason).toBe('never-attached');
  await bench.clock.advance(20_000);
  expect(inTime.state).toBe('active');
});

test('[M18] what a manager listened to keeps no listener of it after its end', async () => {
  const bench = new Bench();
  const bus = new EventEmitter().setMaxListeners(0);
  for (const manager of bench.managers(20)) {
    manager.listen(bus, 'message', () => undefined);
    manager.every(100, () => undefined);
  }
  expect(bus.listenerCount('message')).toBe(20);
  expect(bench.clock.armed).toBe(21);
  await bench.factory.closeAllForUser('ada');
  expect(bus.listenerCount('message')).toBe(0);
  expect(bench.clock.armed).toBe(1);
});

test('[M13] work in flight is counted until it settles, whichever way', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  void manager.run(() => NEVER);
  const work = manager.run(() => Promise.reject(new Error('failed')));
  await expect(work).rejects.toThrow('failed');
  const released = watch(manager.close());
  await bench.clock.advance(250);
  expect(released.settled).toBe(false);
  await bench.clock.advance(250);
  expect(released.settled).toBe(true);
});
