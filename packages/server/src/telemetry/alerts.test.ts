import { expect, test } from 'vitest';
import { atEnd, Bench, deferred } from '../../test/factory-kit.ts';
import { FakePeer } from '../../test/fake-peer.ts';
import { createManagerFactory } from '../factory.ts';
import type { ManagerFactoryOptions } from '../options.ts';
import { type Alert, ALERT_RULES, type Alerts, type AlertsOptions, watchAlerts } from './alerts.ts';

const MINUTE_MS = 60_000;

function watched(
  options: ManagerFactoryOptions = {},
  more: Partial<AlertsOptions> = {},
): { bench: Bench; told: Alert[]; alerts: Alerts } {
  const bench = new Bench({ name: 'chat', ...options });
  const told: Alert[] = [];
  const alerts = watchAlerts(bench.factory, { notify: (alert) => told.push(alert), clock: bench.clock, ...more });
  atEnd(() => alerts.stop());
  return { bench, told, alerts };
}

const named = (told: readonly Alert[], rule: string): readonly string[] =>
  told.filter((alert) => alert.rule === rule).map(({ state }) => state);

test('[TM7] a user who is locked out is named at once, once, and told to be over five minutes later', async () => {
  const { bench, told, alerts } = watched({ maxManagersPerUser: 2 });
  bench.managers(2);
  await bench.clock.advance(15_000);
  expect(named(told, 'WatertightUserLockedOut')).toEqual([]);
  bench.factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  await bench.clock.advance(15_000);
  expect(told.find(({ rule }) => rule === 'WatertightUserLockedOut')).toMatchObject({
    state: 'firing',
    severity: 'critical',
    factory: 'chat',
    user: 'ada',
    value: 1,
  });
  expect(alerts.firing().map(({ rule }) => rule)).toContain('WatertightUserLockedOut');
  await bench.clock.advance(4 * MINUTE_MS);
  expect(named(told, 'WatertightUserLockedOut')).toEqual(['firing']);
  await bench.clock.advance(2 * MINUTE_MS);
  expect(named(told, 'WatertightUserLockedOut')).toEqual(['firing', 'resolved']);
});

test('[TM7] who is named is who the alert is about, also where somebody else holds more of a higher limit', async () => {
  const { bench, told } = watched({ maxManagersPerUser: 4, emergencyThreshold: 0.8 });
  bench.factory.setOverride('vip', { maxManagers: 100 });
  bench.managers(10, 'vip');
  bench.managers(4, 'bob');
  bench.factory.tryAdmit({ user: 'bob' }, { withoutConnection: true });
  await bench.clock.advance(7 * MINUTE_MS);
  bench.factory.tryAdmit({ user: 'bob' }, { withoutConnection: true });
  await bench.clock.advance(15_000);
  const users = (rule: string): unknown => told.filter((alert) => alert.rule === rule).map(({ user }) => user)[0];
  expect(
    ['WatertightUserLockedOut', 'WatertightUserNearLimit', 'WatertightEmergency'].map((rule) => users(rule)),
  ).toEqual(['bob', 'bob', 'bob']);
});

test('[TM7] nobody is named who cannot be meant: whoever was refused holds nothing any more', async () => {
  const { bench, told } = watched({ maxManagersPerUser: 4, emergencyThreshold: false });
  bench.managers(2, 'vip');
  const [first] = bench.managers(4, 'bob');
  bench.factory.tryAdmit({ user: 'bob' }, { withoutConnection: true });
  void first?.close();
  await bench.clock.advance(15_000);
  expect(told.find(({ rule }) => rule === 'WatertightUserLockedOut')).toMatchObject({ state: 'firing', user: null });
});

test('[TM13] a factory that is closed has nothing that fires: whoever was alerted is told, at the end of watching at the latest', async () => {
  const { bench, told, alerts } = watched({ maxManagersPerUser: 1 });
  bench.managers(1);
  bench.factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  await bench.clock.advance(15_000);
  const other = watchAlerts(bench.factory, { notify: () => undefined, clock: bench.clock, intervalMs: 1000 });
  await bench.clock.advance(1000);
  bench.factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  await bench.clock.advance(1000);
  other.stop();
  // Who stops looking at a factory that serves says nothing about it.
  expect(other.firing().length).toBeGreaterThan(0);
  await bench.factory.close();
  alerts.stop();
  expect(alerts.firing()).toEqual([]);
  expect(named(told, 'WatertightUserLockedOut')).toEqual(['firing', 'resolved']);
  alerts.stop();
  await bench.clock.advance(MINUTE_MS);
  expect(named(told, 'WatertightUserLockedOut')).toEqual(['firing', 'resolved']);
});

test('[TM7] a signal between its two levels neither raises nor clears, and a short one is not told', async () => {
  let signal = 0;
  const rule = {
    name: 'Test',
    severity: 'warning',
    summary: 'A test.',
    value: () => signal,
    raiseAt: 10,
    clearBelow: 5,
    forMs: 30_000,
  } as const;
  const { bench, told } = watched({}, { rules: [rule] });
  const at = async (value: number, forMs: number): Promise<readonly string[]> => {
    signal = value;
    await bench.clock.advance(forMs);
    return told.map(({ state }) => state);
  };
  expect(await at(12, 30_000)).toEqual([]);
  expect(await at(7, 30_000)).toEqual([]);
  expect(await at(10, 60_000)).toEqual(['firing']);
  expect(await at(7, 60_000)).toEqual(['firing']);
  expect(await at(12, 60_000)).toEqual(['firing']);
  expect(await at(4, 15_000)).toEqual(['firing', 'resolved']);
  expect(told[1]?.forMs).toBe(180_000);
});

test('[TM7] managers without connection are noticed long before anybody is locked out', async () => {
  const { bench, told } = watched({ pendingDeadlineMs: false });
  bench.sessions(8, 'bob');
  bench.managers(2);
  await bench.clock.advance(3 * MINUTE_MS);
  expect(named(told, 'WatertightManagersWithoutConnection')).toEqual(['firing']);
  await bench.clock.advance(4 * MINUTE_MS);
  expect(named(told, 'WatertightManagersExceedConnections')).toEqual(['firing']);
  void bench.factory.closeAllForUser('ada');
  await bench.clock.advance(MINUTE_MS);
  expect(named(told, 'WatertightManagersExceedConnections')).toEqual(['firing', 'resolved']);
  expect(named(told, 'WatertightUserLockedOut')).toEqual([]);
});

test('[TM8] a healthy factory alerts nobody for an hour', async () => {
  const { bench, told } = watched();
  bench.sessions(5);
  for (let minute = 0; minute < 60; minute += 1) {
    const { manager } = bench.session(`user-${minute}`);
    await bench.clock.advance(MINUTE_MS / 2);
    void manager.close();
    await bench.clock.advance(MINUTE_MS / 2);
  }
  expect(told).toEqual([]);
});

test('[TM8] nor one in which old sessions lose their connection, and have another one long before their time is over', async () => {
  const { bench, told } = watched({ releaseGraceMs: 10_000, heartbeatIntervalMs: false });
  const sessions = bench.sessions(12);
  await bench.clock.advance(60 * MINUTE_MS);
  for (let round = 0; round < 200; round += 1) {
    const one = sessions[round % sessions.length];
    one?.peer.connection.end('client-close');
    one?.peer.connection.markGone();
    await bench.clock.advance(3000);
    expect(bench.factory.stats()).toMatchObject({ withoutConnection: 1, oldestWithoutConnectionAgeMs: 3000 });
    const peer = new FakePeer(bench.factory);
    one?.manager.attach(peer.connection);
    sessions[round % sessions.length] = { manager: one?.manager ?? bench.manager(), peer };
  }
  expect(told).toEqual([]);
  // Whoever stays away is told of.
  const { bench: other, told: toldOfOther } = watched({ releaseGraceMs: 10 * MINUTE_MS, heartbeatIntervalMs: false });
  const { peer } = other.session();
  await other.clock.advance(5 * MINUTE_MS);
  peer.connection.end('client-close');
  peer.connection.markGone();
  await other.clock.advance(MINUTE_MS);
  expect(named(toldOfOther, 'WatertightManagersWithoutConnection')).toEqual([]);
  await other.clock.advance(1.5 * MINUTE_MS);
  expect(named(toldOfOther, 'WatertightManagersWithoutConnection')).toEqual(['firing']);
});

test.each([
  { everyMinutes: 0.5, limit: 120 },
  { everyMinutes: 1, limit: 60 },
  { everyMinutes: 4, limit: 20 },
])(
  '[TM9] with one more every $everyMinutes minutes the warning comes 15 ± 1 minutes before the limit of $limit, for a user and for the process',
  async ({ everyMinutes, limit }) => {
    const toldAtMs = new Map<string, number>();
    const { bench } = watched(
      {
        maxManagersPerUser: limit,
        maxManagers: limit,
        pendingDeadlineMs: false,
        emergencyThreshold: false,
        overloadThreshold: false,
      },
      {
        notify: ({ rule, state }) => {
          if (state === 'firing' && !toldAtMs.has(rule)) toldAtMs.set(rule, bench.clock.now());
        },
      },
    );
    for (let held = 1; held < limit; held += 1) {
      bench.session();
      await bench.clock.advance(everyMinutes * MINUTE_MS);
    }
    bench.session();
    expect(bench.factory.tryAdmit({ user: 'ada' }).admitted).toBe(false);
    const before = ['WatertightUserLimitForecast', 'WatertightProcessLimitForecast'].map(
      (rule) => (bench.clock.now() - (toldAtMs.get(rule) ?? 0)) / MINUTE_MS,
    );
    for (const minutes of before) expect(Math.abs(minutes - 15)).toBeLessThanOrEqual(1);
  },
);

test('[TM7] whom to tell may throw, and a rule may: the others are told all the same', async () => {
  const errors: unknown[] = [];
  const broken = {
    ...ALERT_RULES[0],
    name: 'Broken',
    value: () => {
      throw new Error('no such figure');
    },
  };
  const { bench } = watched(
    { maxManagersPerUser: 1 },
    {
      rules: [broken as never, ...ALERT_RULES],
      onError: (error) => errors.push(error),
      notify: () => Promise.reject(new Error('nobody there')),
    },
  );
  bench.managers(1);
  bench.factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  await bench.clock.advance(15_000);
  expect(errors.map(String).toSorted()).toEqual(['Error: no such figure', 'Error: nobody there']);
});

test('[TM7] a sweep alarms nobody where it is off, or the factory drains', async () => {
  const { told, bench } = watched({ sweepIntervalMs: false });
  await bench.clock.advance(5 * MINUTE_MS);
  expect(told).toEqual([]);
  // Nobody starts this one.
  const factory = createManagerFactory({ clock: bench.clock });
  atEnd(() => factory.close());
  const alerts = watchAlerts(factory, { notify: (alert) => told.push(alert), clock: bench.clock });
  atEnd(() => alerts.stop());
  const admission = factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  const work = deferred();
  // Who is at work is waited for.
  if (admission.admitted) void admission.manager.run(() => work.promise);
  const drained = factory.drain({ windowMs: 10 * MINUTE_MS });
  await bench.clock.advance(5 * MINUTE_MS);
  const { state } = factory.stats();
  work.resolve();
  await bench.clock.advance(10 * MINUTE_MS);
  await drained;
  expect(state).toBe('draining');
  expect(named(told, 'WatertightSweepStale')).toEqual([]);
});

test('[TM7] bad options are refused with name, value and bound', () => {
  const { factory } = new Bench();
  const rules = [{ ...ALERT_RULES[0], name: 'Odd', raiseAt: 1, clearBelow: 2, forMs: -1 }] as never;
  expect(() => watchAlerts(factory, { notify: 'nobody' as never, intervalMs: 5, rules })).toThrow(
    /notify is string[\s\S]*intervalMs is 5 ms; it must be at least 100 ms[\s\S]*rule Odd: clearBelow is 2[\s\S]*forMs is -1 ms/,
  );
});

test('[TM7] a rule that cannot name the user is told without one, and an onError that throws ends nothing', async () => {
  const nameless = {
    ...ALERT_RULES[0],
    name: 'Nameless',
    user: () => {
      throw new Error('nobody there');
    },
  };
  const { bench, told } = watched(
    { maxManagersPerUser: 1 },
    {
      rules: [nameless as never, ...ALERT_RULES],
      onError: () => {
        throw new Error('who is told fails as well');
      },
    },
  );
  bench.managers(1);
  bench.factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  await bench.clock.advance(15_000);
  expect(told.find(({ rule }) => rule === 'Nameless')).toMatchObject({ state: 'firing', user: null });
  expect(named(told, 'WatertightUserLockedOut')).toEqual(['firing']);
});

test('[TM9] a user who is at its limit does not hide the next one who will be', async () => {
  const { bench, told } = watched({ maxManagersPerUser: 30, pendingDeadlineMs: false, emergencyThreshold: false });
  bench.sessions(30, 'bob');
  for (let minute = 1; minute <= 20; minute += 1) {
    bench.session();
    await bench.clock.advance(MINUTE_MS);
  }
  expect(told.find(({ rule }) => rule === 'WatertightUserLimitForecast')).toMatchObject({
    state: 'firing',
    user: 'ada',
  });
});

test('[TM7] an interval that no timer can wait for is refused', () => {
  const { factory } = new Bench();
  const notify = (): void => undefined;
  expect(() => watchAlerts(factory, { notify, intervalMs: 2 ** 31 })).toThrow(
    /intervalMs is 2147483648 ms; it must be at most 2147483647 ms/,
  );
  expect(() => watchAlerts(factory, { notify, intervalMs: NaN })).toThrow(/intervalMs is NaN ms/);
});
