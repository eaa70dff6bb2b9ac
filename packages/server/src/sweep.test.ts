import { expect, test } from 'vitest';
import type { DeadlineQueue } from './deadline-queue.ts';
import { DeadlineQueue as Queue } from './deadline-queue.ts';
import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import { ManagerRecord as Manager } from './manager-record.ts';
import { Suspicions } from './suspicions.ts';
import { resolveOptions } from './resolve-options.ts';
import { ConnectionRecord } from './connection-record.ts';
import { Registry } from './registry.ts';
import { Sweep } from './sweep.ts';
import { Tally } from './tally.ts';
import { UserLimits } from './user-limits.ts';
import { Bench, NEVER, recordEvents } from '../test/factory-kit.ts';
import { ManualClock } from '../test/manual-clock.ts';

test('[W5] the sweep runs every sweepIntervalMs and says so', async () => {
  const bench = new Bench({ sweepIntervalMs: 1000 });
  const events = recordEvents(['watertight:sweep:end']);
  bench.factory.start();
  expect(bench.factory.stats().sweep).toMatchObject({ running: true, runs: 0, lastRunAtMs: null });
  const beganAtMs = bench.clock.now();
  await bench.clock.advance(3500);
  expect(bench.factory.stats().sweep).toMatchObject({
    runs: 3,
    removed: 0,
    lastRunAtMs: beganAtMs + 3000,
    lastError: null,
  });
  expect(events).toHaveLength(3);
  expect(events[2]?.payload).toMatchObject({ factory: 'default', sweep: { runs: 3 } });
  await bench.finish();
  expect(bench.factory.stats().sweep.running).toBe(false);
});

test('[W5] switched off it does not run', async () => {
  const bench = new Bench({ sweepIntervalMs: false });
  await bench.clock.advance(100_000);
  expect(bench.factory.stats().sweep).toMatchObject({ running: false, runs: 0 });
});

test('[W4] as long as every deadline is kept the sweep removes nobody', async () => {
  const bench = new Bench({ sweepIntervalMs: 100, pendingDeadlineMs: 1000, releaseGraceMs: 500 });
  bench.manager('ada', {});
  bench.session().peer.connection.markGone();
  bench.session('ada', { closes: false }).manager.defer(() => NEVER);
  void bench.factory.admit({ user: 'ada' }, { withoutConnection: true, init: () => NEVER });
  bench.manager();
  await bench.clock.advance(2000);
  expect(bench.factory.stats()).toMatchObject({ active: 2, sweep: { removed: 0 } });
});

/** Managers whose deadlines never come: what the sweep is there for. */
function withBrokenDeadlines(): {
  host: ManagerHost;
  sweep: Sweep;
  clock: ManualClock;
  admit: (user: string) => ManagerRecord;
} {
  const clock = new ManualClock();
  const { options, hooks } = resolveOptions({
    clock,
    sweepIntervalMs: 1000,
    pendingDeadlineMs: 2000,
    releaseGraceMs: 2000,
    onError: () => undefined,
  });
  const sweeping = new Queue(clock, () => undefined);
  const broken = {
    schedule: (deadline: unknown, delayMs: number, nowMs: number) => {
      if (deadline instanceof Sweep) sweeping.schedule(deadline, delayMs, nowMs);
    },
    cancel: () => undefined,
  } as unknown as DeadlineQueue;
  const registry = new Registry<ManagerRecord>(() => 20, undefined);
  const host: ManagerHost = {
    options,
    ...hooks,
    deadlines: broken,
    limits: new UserLimits(options),
    tally: new Tally(500),
    registry,
    idPrefix: 'x',
    slowConsumers: undefined,
    suspicions: new Suspicions({ options, clock }),
    leftovers: undefined,
    longLived: undefined,
    leases: undefined,
    slotFreed: () => undefined,
  };
  let sequence = 0;
  const admit = (user: string): ManagerRecord => {
    sequence += 1;
    const manager = new Manager(host, sequence, { user }, clock.now());
    registry.insert(manager);
    manager.expectAttachment(clock.now());
    return manager;
  };
  const sweep = new Sweep(host);
  sweep.start();
  return { host, sweep, clock, admit };
}

test('[W4] what a missed deadline left behind is removed by the sweep and counted', async () => {
  const { host, sweep, clock, admit } = withBrokenDeadlines();
  const pending = admit('pending');
  const neverAttached = admit('never attached');
  neverAttached.commit();
  const left = admit('left');
  left.commit();
  const connection = new ConnectionRecord(host, {
    ping: () => undefined,
    close: () => undefined,
    destroy: () => undefined,
  });
  left.attach(connection);
  connection.markGone();
  const closing = admit('closing');
  closing.commit();
  closing.defer(() => NEVER, { name: 'hung' });
  closing.end('closed', 'close', clock.now());
  const living = admit('living');
  living.commit();
  living.emptySinceMs = undefined;
  await clock.advance(1000);
  expect(sweep.stats()).toMatchObject({ runs: 1, removed: 0 });
  await clock.advance(3000);
  for (const removed of [pending, neverAttached, left])
    expect(removed).toMatchObject({ reason: 'sweep', state: 'closed' });
  expect((await closing.released).overdue.map(({ name }) => name)).toEqual(['hung']);
  expect([living.state, host.registry.size, host.registry.closingOf('closing').length]).toEqual(['active', 1, 0]);
  expect(sweep.stats()).toMatchObject({ removed: 4, running: true, lastError: null });
});

test('[W6] a sweep that fails says why, and the next one runs', async () => {
  const { host, sweep, clock, admit } = withBrokenDeadlines();
  const manager = admit('ada');
  Object.defineProperty(manager, 'connections', {
    get: () => {
      throw new Error('cannot be looked at');
    },
  });
  await clock.advance(1000);
  expect(sweep.stats()).toMatchObject({ runs: 1, lastError: 'cannot be looked at', running: true });
  host.registry.remove(manager);
  await clock.advance(1000);
  expect(sweep.stats()).toMatchObject({ runs: 2, lastError: null });
});
