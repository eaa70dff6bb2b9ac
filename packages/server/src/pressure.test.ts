import { expect, test } from 'vitest';
import { Bench, NEVER, recordEvents } from '../test/factory-kit.ts';
import { idleTimeoutUnder, judgePressure, levelOf } from './pressure-rule.ts';

const RULE = { pressedAt: 0.8, normalBelow: 0.7, overloadedAt: 0.95, admittingBelow: 0.9 };

/** A factory whose gauges are set by hand: a heap of 100 bytes is full, and so is a delay of 100 ms. */
function pressedBench(options: ConstructorParameters<typeof Bench>[0] = {}): {
  bench: Bench;
  press: (heapUsedBytes: number, eventLoopDelayMs?: number) => Promise<void>;
} {
  let reading = { heapUsedBytes: 0, eventLoopDelayMs: 0 };
  const bench = new Bench({
    maxHeapBytes: 100,
    maxEventLoopDelayMs: 100,
    heartbeatIntervalMs: false,
    maxManagersPerUser: false,
    readGauges: () => reading,
    ...options,
  });
  const press = async (heapUsedBytes: number, eventLoopDelayMs = 0): Promise<void> => {
    reading = { heapUsedBytes, eventLoopDelayMs };
    await bench.clock.advance(1000);
  };
  return { bench, press };
}

test.each([
  ['normal', 0.79, 'normal'],
  ['normal', 0.8, 'pressed'],
  ['pressed', 0.7, 'pressed'],
  ['pressed', 0.69, 'normal'],
  ['normal', 0.95, 'overloaded'],
  ['overloaded', 0.9, 'overloaded'],
  ['overloaded', 0.89, 'pressed'],
  ['overloaded', 0.75, 'pressed'],
  ['overloaded', 0.5, 'normal'],
] as const)('[U1] from %s at a level of %f the process is %s', (before, level, after) => {
  expect(judgePressure(before, level, RULE)).toBe(after);
});

test('[U1] the worst of all readings counts, and what has no limit does not', () => {
  expect(levelOf({ managers: 0.1, heap: 0.9, eventLoopDelay: 0.3 })).toBe(0.9);
  expect(levelOf({ managers: null, heap: null, eventLoopDelay: null })).toBe(0);
});

test('[U1] states are entered and left with hysteresis, and each change is published once', async () => {
  const { bench, press } = pressedBench();
  const events = recordEvents(['watertight:pressure:state']);
  for (const heap of [50, 85, 75, 96, 92, 89, 60]) await press(heap);
  await press(10, 97);
  expect(bench.factory.stats().pressure).toEqual({
    state: 'overloaded',
    level: 0.97,
    managers: null,
    heap: 0.1,
    eventLoopDelay: 0.97,
  });
  expect(events.map(({ payload }) => (payload['pressure'] as { state: string }).state)).toEqual([
    'pressed',
    'overloaded',
    'pressed',
    'normal',
    'overloaded',
  ]);
});

test('[U2] while overloaded newcomers are refused with a hint, and admitted again below the exit', async () => {
  const { bench, press } = pressedBench();
  await press(96);
  expect(bench.factory.tryAdmit({ user: 'ada' })).toMatchObject({
    reason: 'overloaded',
    httpStatus: 503,
    closeCode: 1013,
    retryAfterMs: 5000,
  });
  expect(bench.factory.ready).toBe(true);
  await press(91);
  expect(bench.factory.tryAdmit({ user: 'ada' }).admitted).toBe(false);
  await press(89);
  expect(bench.factory.tryAdmit({ user: 'ada' }, { withoutConnection: true }).admitted).toBe(true);
});

test('[U2] of the managers of a process the share is kept to the manager, without waiting for a look', () => {
  const bench = new Bench({ maxManagers: 40, maxManagersPerUser: false });
  bench.managers(38);
  expect(bench.factory.tryAdmit({ user: 'ben' })).toMatchObject({ reason: 'overloaded', limit: 40, held: 38 });
  const open = new Bench({ maxManagers: 40, maxManagersPerUser: false, overloadThreshold: false });
  open.managers(40);
  expect(open.factory.tryAdmit({ user: 'ben' })).toMatchObject({ reason: 'server-limit' });
});

test.each([
  [0.5, 1000],
  [0.8, 1000],
  [0.9, 500],
  [0.95, 250],
  [1, 50],
  [3, 50],
])('[U3] at a level of %f an idle time-out of 1 000 ms is %i ms', (level, timeoutMs) => {
  expect(idleTimeoutUnder(level, 1000, RULE)).toBeCloseTo(timeoutMs);
});

test('[U3] under pressure spares go first; a user keeps its only manager until overload', async () => {
  const { bench, press } = pressedBench({ idleTimeoutMs: 16_000 });
  const spares = bench.sessions(2, 'ada');
  const { manager: only } = bench.session('ben');
  await press(50);
  await bench.clock.advance(9000);
  expect(spares.map(({ manager }) => manager.state)).toEqual(['active', 'active']);
  await press(90);
  await bench.clock.advance(1000);
  // One of two goes; the one that is left is the only one.
  expect(spares.map(({ manager }) => manager.state).toSorted()).toEqual(['active', 'closed']);
  expect(only.state).toBe('active');
  expect(bench.factory.stats().released.byReason).toEqual({ 'pressure:idle': 1 });
  await press(98);
  await bench.clock.advance(1000);
  expect(bench.factory.stats()).toMatchObject({ active: 0, liveness: { idle: 3 } });
});

test('[U4] work in flight is never ended by pressure, nor is who was just used', async () => {
  const { bench, press } = pressedBench({ idleTimeoutMs: 40_000 });
  const { manager: working } = bench.session('ada');
  void working.run(() => NEVER).catch(() => undefined);
  const { manager: busy, peer } = bench.session('ben');
  for (let round = 0; round < 40; round += 1) {
    await press(100);
    peer.talk();
    await bench.clock.advance(0);
  }
  expect([working.state, busy.state]).toEqual(['active', 'active']);
});

test('[U29] an overload from a small share on is over when its cause is', async () => {
  const { bench, press } = pressedBench({ overloadThreshold: 0.04, emergencyThreshold: false });
  await press(4);
  expect(bench.factory.stats().pressure.state).toBe('overloaded');
  await press(1);
  expect(bench.factory.stats().pressure.state).toBe('normal');
  expect(bench.factory.tryAdmit({ user: 'ada' }, { withoutConnection: true }).admitted).toBe(true);
});

test.each([
  ['a promise', Promise.resolve({ heapUsedBytes: 1, eventLoopDelayMs: 1 }), 'a promise'],
  ['nothing', undefined, 'undefined'],
  ['no number', { heapUsedBytes: '90', eventLoopDelayMs: 0 }, '"90"'],
  ['NaN', { heapUsedBytes: Number.NaN, eventLoopDelayMs: 0 }, 'NaN'],
])('[U30] a readGauges that answers %s is reported, and the state stays as it was', async (_what, answer, got) => {
  let reading: unknown = { heapUsedBytes: 100, eventLoopDelayMs: 0 };
  const { bench } = pressedBench({ readGauges: () => reading as never });
  await bench.clock.advance(1000);
  reading = answer;
  await bench.clock.advance(1000);
  expect(bench.factory.stats().pressure).toMatchObject({ state: 'overloaded', level: 1 });
  expect(bench.errors.map(({ stage, error }) => [stage, (error as Error).message])).toEqual([
    ['gauge', `readGauges must answer heapUsedBytes as a number from 0, at once; got ${got}`],
  ]);
});

test('[U7] a gauge that throws is reported and the next look is taken', async () => {
  let looks = 0;
  const bench = new Bench({
    maxHeapBytes: 100,
    readGauges: () => {
      looks += 1;
      if (looks === 1) throw new Error('no gauge');
      return { heapUsedBytes: 85, eventLoopDelayMs: 0 };
    },
  });
  await bench.clock.advance(2000);
  expect(bench.errors.map(({ stage }) => stage)).toEqual(['gauge']);
  expect(bench.factory.stats().pressure.state).toBe('pressed');
});
