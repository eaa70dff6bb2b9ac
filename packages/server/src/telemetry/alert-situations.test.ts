import { expect, test } from 'vitest';
import { atEnd, Bench, deferred } from '../../test/factory-kit.ts';
import { ManualClock } from '../../test/manual-clock.ts';
import { createManagerFactory } from '../factory.ts';
import type { InspectableFactory } from '../inspection.ts';
import { type Alert, ALERT_RULES, watchAlerts } from './alerts.ts';

const MINUTE_MS = 60_000;
/** How often the rules are looked at. */
const LOOK_MS = 15_000;
/** Longer than any rule waits, and than the five minutes over which some see what has changed. */
const LONG_MS = 6 * MINUTE_MS;
const UNTENDED = { pendingDeadlineMs: false, emergencyThreshold: false, maxManagersPerUser: false } as const;

/** What happens to a factory, as far as one rule is concerned. */
interface Course {
  readonly factory: InspectableFactory;
  /** Of those who watch. */
  readonly clock: ManualClock;
  /** Just below the level at which the rule is raised. */
  almost?(): unknown;
  raise(): unknown;
  clear(): unknown;
}

interface Situation {
  readonly rule: string;
  readonly when: string;
  begin(): Course | Promise<Course>;
}

const of = ({ factory, clock }: Bench): Pick<Course, 'factory' | 'clock'> => ({ factory, clock });

function closeSome(bench: Bench, count: number): void {
  for (const manager of bench.factory.managersOf('ada').slice(0, count)) void manager.close();
}

/** Another manager each minute; at its end the limit of 30 is 14 minutes away, and a moment before it was 16. */
async function growTowards30(bench: Bench): Promise<void> {
  for (let held = 1; held <= 14; held += 1) {
    bench.session();
    await bench.clock.advance(MINUTE_MS);
  }
  bench.sessions(2);
}

/** A manager that is gone while something of it is not. */
function leaving(bench: Bench, leave: 'finalizer' | 'work'): () => void {
  const { manager } = bench.session();
  const { promise, resolve } = deferred();
  if (leave === 'finalizer') manager.defer(() => promise);
  else void manager.run(() => promise);
  void manager.close();
  return resolve;
}

const SITUATIONS: readonly Situation[] = [
  {
    rule: 'WatertightUserLockedOut',
    when: 'a user is refused',
    begin: () => {
      const bench = new Bench({ maxManagersPerUser: 2 });
      return {
        ...of(bench),
        almost: () => bench.sessions(2),
        raise: () => bench.factory.tryAdmit({ user: 'ada' }),
        clear: () => closeSome(bench, 1),
      };
    },
  },
  {
    rule: 'WatertightUserNearLimit',
    when: 'a user holds 18 of 20',
    begin: () => {
      const bench = new Bench();
      return {
        ...of(bench),
        almost: () => bench.sessions(17),
        raise: () => bench.session(),
        clear: () => closeSome(bench, 3),
      };
    },
  },
  {
    rule: 'WatertightUserLimitForecast',
    when: 'a user holds one more each minute',
    begin: () => {
      const bench = new Bench({ ...UNTENDED, maxManagersPerUser: 30 });
      return { ...of(bench), raise: () => growTowards30(bench), clear: () => closeSome(bench, 16) };
    },
  },
  {
    rule: 'WatertightProcessLimitForecast',
    when: 'the process holds one more each minute',
    begin: () => {
      const bench = new Bench({ ...UNTENDED, maxManagers: 30 });
      return { ...of(bench), raise: () => growTowards30(bench), clear: () => closeSome(bench, 16) };
    },
  },
  {
    rule: 'WatertightManagersWithoutConnection',
    when: 'one manager has had no socket for a minute',
    begin: () => {
      const bench = new Bench(UNTENDED);
      return {
        ...of(bench),
        almost: () => bench.sessions(5),
        raise: async () => {
          bench.manager('bob');
          await bench.clock.advance(MINUTE_MS - LOOK_MS);
        },
        clear: () => void bench.factory.closeAllForUser('bob'),
      };
    },
  },
  {
    rule: 'WatertightManagersExceedConnections',
    when: '2 of 12 managers have no socket',
    begin: () => {
      const bench = new Bench(UNTENDED);
      return {
        ...of(bench),
        almost: () => [bench.sessions(10), bench.manager('bob')],
        raise: () => bench.manager('bob'),
        clear: () => void bench.factory.closeAllForUser('bob'),
      };
    },
  },
  {
    rule: 'WatertightCleanupOverdue',
    when: 'a finalizer is not done by the deadline',
    begin: () => {
      const bench = new Bench();
      let end = (): void => undefined;
      return {
        ...of(bench),
        almost: () => leaving(bench, 'finalizer')(),
        raise: () => {
          end = leaving(bench, 'finalizer');
        },
        clear: () => end(),
      };
    },
  },
  {
    rule: 'WatertightSweepStale',
    when: 'nobody started the factory',
    begin: () => {
      const clock = new ManualClock();
      const factory = createManagerFactory({ clock });
      atEnd(() => factory.close());
      return { factory, clock, raise: () => undefined, clear: () => factory.start() };
    },
  },
  {
    rule: 'WatertightSweepStale',
    when: 'the sweep has not run for three intervals',
    begin: async () => {
      const bench = new Bench({ sweepIntervalMs: 30_000 });
      await bench.clock.advance(30_000);
      return {
        factory: bench.factory,
        // The time of the factory stands still but for what is stalled.
        clock: new ManualClock(),
        almost: () => bench.clock.stall(89_000),
        raise: () => bench.clock.stall(1000),
        clear: () => bench.clock.advance(1000),
      };
    },
  },
  {
    rule: 'WatertightEmergency',
    when: 'a user stays at its emergency threshold',
    begin: () => {
      const bench = new Bench();
      return {
        ...of(bench),
        almost: () => bench.sessions(15),
        raise: () => bench.sessions(2),
        clear: () => closeSome(bench, 10),
      };
    },
  },
  {
    rule: 'WatertightPressure',
    when: 'the heap is at 90 % of what it may be',
    begin: () => {
      let heapUsedBytes = 0;
      const readGauges = () => ({ heapUsedBytes, eventLoopDelayMs: 0 });
      const set = (bytes: number) => () => {
        heapUsedBytes = bytes;
      };
      return { ...of(new Bench({ maxHeapBytes: 100, readGauges })), almost: set(89), raise: set(90), clear: set(79) };
    },
  },
  {
    rule: 'WatertightSlowConsumers',
    when: 'a client does not read what it is sent',
    begin: () => {
      const bench = new Bench({ maxBufferedBytes: 1000, onSlowConsumer: 'drop' });
      const { peer } = bench.session();
      const send = (unsentBytes: number) => () => {
        peer.unsent = unsentBytes;
        peer.connection.maySend(1);
      };
      return { ...of(bench), almost: send(999), raise: send(1000), clear: send(0) };
    },
  },
  {
    rule: 'WatertightLeakSuspected',
    when: 'work outlives its manager',
    begin: () => {
      const bench = new Bench();
      let end = (): void => undefined;
      return {
        ...of(bench),
        almost: () => leaving(bench, 'work')(),
        raise: () => {
          end = leaving(bench, 'work');
        },
        clear: () => end(),
      };
    },
  },
];

test.each(SITUATIONS.map(({ rule, when, begin }) => [rule, when, begin] as const))(
  '[TM16] %s is raised where %s, not before, and is over when that is',
  async (ruleName, _when, begin) => {
    const rule = ALERT_RULES.find(({ name }) => name === ruleName);
    if (rule === undefined) throw new Error(`there is no rule ${ruleName}`);
    const { factory, clock, almost, raise, clear } = await begin();
    const told: Alert[] = [];
    const alerts = watchAlerts(factory, {
      notify: (alert) => alert.rule === rule.name && told.push(alert),
      clock,
      intervalMs: LOOK_MS,
    });
    atEnd(() => alerts.stop());
    if (almost !== undefined) {
      await almost();
      await clock.advance(LONG_MS);
    }
    await raise();
    await clock.advance(rule.forMs);
    expect(told).toEqual([]);
    await clock.advance(LOOK_MS);
    const { name, severity, summary, forMs } = rule;
    expect(told).toMatchObject([{ rule: name, state: 'firing', severity, summary, forMs }]);
    expect(told[0]?.user).toBe(rule.user === undefined ? null : 'ada');
    expect(alerts.firing()).toContain(told[0]);
    await clear();
    await clock.advance(LONG_MS);
    expect(told.map(({ state }) => state)).toEqual(['firing', 'resolved']);
  },
);

test('[TM16] there is a situation for each rule', () => {
  expect([...new Set(SITUATIONS.map(({ rule }) => rule))]).toEqual(ALERT_RULES.map(({ name }) => name));
});
