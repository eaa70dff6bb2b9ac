import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { InvalidOptionsError } from './errors.ts';
import { createManagerFactory } from './factory.ts';
import { NUMBER_OPTIONS } from './number-options.ts';
import type { ManagerFactoryOptions } from './options.ts';
import { resolveOptions } from './resolve-options.ts';
import { Bench, atEnd } from '../test/factory-kit.ts';

function problemsOf(options: object): readonly string[] {
  try {
    resolveOptions(options);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    return (error as InvalidOptionsError).problems;
  }
  return [];
}

test('[O1] without options the documented defaults are in force', () => {
  expect(resolveOptions().options).toEqual({
    name: 'default',
    maxManagersPerUser: 20,
    maxManagers: false,
    maxManagersPerAddress: false,
    maxClosingPerUser: 20,
    maxConnectionsPerManager: 20,
    maxOverrides: 10_000,
    maxConnectsPerSecondPerUser: false,
    maxConnectsPerSecondPerAddress: false,
    maxConnectsPerSecond: false,
    connectBurstMs: 10_000,
    evictIdleAfterMs: 60_000,
    onLimitTimeoutMs: 1000,
    sessionTakeover: true,
    emergencyThreshold: 0.8,
    emergencyExitThreshold: 0.7,
    cleanupDeadlineMs: 500,
    closeHandshakeMs: 200,
    finalizerHoldMs: 100,
    pendingDeadlineMs: 10_000,
    heartbeatIntervalMs: 30_000,
    heartbeatMisses: 2,
    sweepIntervalMs: 30_000,
    probeTimeoutMs: 200,
    releaseGraceMs: 0,
    onLimit: 'reject',
    idleTimeoutMs: false,
    warnAfterMs: false,
    stackSampleRate: 0.01,
    development: false,
    overloadThreshold: 0.95,
    maxHeapBytes: false,
    maxEventLoopDelayMs: false,
    pressureIntervalMs: 1000,
    maxBufferedBytes: false,
    onSlowConsumer: 'terminate',
    statsTopUsers: 20,
    registrationSites: true,
  });
});

test('[O2] all invalid values are reported at once, each with what is allowed, its unit, and what was given', () => {
  const wrong = {
    name: '',
    maxManagersPerUser: 0,
    maxManagers: -1,
    maxClosingPerUser: 1.5,
    maxConnectionsPerManager: '20',
    emergencyThreshold: 1.1,
    emergencyExitThreshold: 0,
    cleanupDeadlineMs: 9,
    closeHandshakeMs: Number.NaN,
    finalizerHoldMs: 2 ** 31,
    pendingDeadlineMs: Infinity,
    heartbeatIntervalMs: {},
    heartbeatMisses: 101,
    sweepIntervalMs: true,
    probeTimeoutMs: [],
    releaseGraceMs: -1,
    onLimit: 'evict',
    statsTopUsers: 10_001,
    registrationSites: 'yes',
    onError: 1,
  };
  const problems = problemsOf(wrong);
  for (const key of Object.keys(wrong))
    expect(problems.filter((problem) => problem.startsWith(`${key} must`))).toHaveLength(1);
  expect(problems).toContain(
    'maxManagersPerUser must be a whole number from 1 to 9007199254740991, or false to switch it off; got 0',
  );
  expect(problems).toContain('cleanupDeadlineMs must be a number from 10 to 2147483647 ms; got 9 ms');
  expect(problems).toContain(
    'maxConnectionsPerManager must be a whole number from 1 to 9007199254740991, or false to switch it off; got "20"',
  );
  expect(() => createManagerFactory({ maxManagersPerUser: -1 })).toThrow(
    /Invalid options:\n {2}- maxManagersPerUser .* got -1/,
  );
});

test.each(Object.entries(NUMBER_OPTIONS))('[O2] %s takes its bounds and nothing beyond', (key, rule) => {
  // Alone, so that the contradictions of O3 stay out of it.
  const others = key === 'cleanupDeadlineMs' ? { closeHandshakeMs: 1 } : {};
  const about = (value: unknown): readonly string[] =>
    problemsOf({ ...others, [key]: value }).filter((problem) => problem.startsWith(`${key} must be a`));
  for (const value of [rule.min, rule.max]) expect(about(value)).toEqual([]);
  for (const value of [rule.min - 1, rule.max * 2, Number.NaN, -Infinity, 'x', 10n])
    expect(about(value)).toHaveLength(1);
});

test('[O3] two options that contradict each other are named with both values', () => {
  expect(problemsOf({ emergencyThreshold: 0.5, emergencyExitThreshold: 0.5 })).toEqual([
    'emergencyExitThreshold (0.5) must be below emergencyThreshold (0.5)',
  ]);
  expect(problemsOf({ cleanupDeadlineMs: 100, closeHandshakeMs: 101 })).toEqual([
    'closeHandshakeMs (101 ms) must not exceed cleanupDeadlineMs (100 ms)',
  ]);
});

test('[O4] an option that does not exist is named', () => {
  expect(problemsOf({ maxManagerPerUser: 5 })).toEqual(['maxManagerPerUser is not an option']);
});

test('[O28] what are no options, and names that every object has, are no options', () => {
  for (const given of [null, [], 'strict', 5])
    expect(problemsOf(given as never)).toEqual([
      expect.stringContaining('options of createManagerFactory must be an object'),
    ]);
  expect(problemsOf({ constructor: 1, toString: 2 })).toEqual([
    'constructor is not an option',
    'toString is not an option',
  ]);
});

test('[O29] null is no number, and no clock is a clock without its methods', () => {
  expect(problemsOf({ maxManagersPerUser: null })).toEqual([
    expect.stringMatching(/^maxManagersPerUser must .*got null$/),
  ]);
  const clock = { now: () => 0 };
  expect(problemsOf({ clock, quota: { store: {}, terms: {} } })).toEqual([
    'quota must be made by redisQuota or memoryQuota, got an object',
    'clock must have now(), setTimeout(), setInterval(), setImmediate(), clear(); got an object',
  ]);
  expect(() => createManagerFactory().setOverride('ada', null as never)).toThrow(
    /options of setOverride must be \{ maxManagers \}; got null/,
  );
});

test.each(Object.entries(NUMBER_OPTIONS))(
  '[O5] false switches %s off, or is refused where there is no off switch',
  (key, rule) => {
    const problems = problemsOf({ [key]: false });
    if (rule.off) expect(problems).toEqual([]);
    else expect(problems.some((problem) => problem.startsWith(key) && problem.endsWith('got false'))).toBe(true);
  },
);

test('[O5] without a limit of the user nobody is refused', () => {
  const bench = new Bench({ maxManagersPerUser: false });
  expect(bench.managers(50)).toHaveLength(50);
  expect(bench.held()).toBe(50);
});

test('[O6] maxClosingPerUser follows the limit, closeHandshakeMs the cleanup deadline', () => {
  expect(resolveOptions({ maxManagersPerUser: 5 }).options.maxClosingPerUser).toBe(5);
  expect(resolveOptions({ maxManagersPerUser: false }).options.maxClosingPerUser).toBe(false);
  expect(resolveOptions({ maxManagersPerUser: 5, maxClosingPerUser: 3 }).options.maxClosingPerUser).toBe(3);
  expect(resolveOptions({ cleanupDeadlineMs: 50 }).options.closeHandshakeMs).toBe(50);
});

test('[O7] the options in force are frozen, plain and survive JSON', () => {
  const bench = new Bench({ name: 'chat', maxManagers: false });
  const { options } = bench.factory;
  expect(Object.isFrozen(options)).toBe(true);
  expect(JSON.parse(JSON.stringify(options))).toEqual(options);
  expect(bench.factory.name).toBe('chat');
});

test('[O8] code that throws where nobody can catch it goes to onError with its stage', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  manager.defer(() => {
    throw new Error('finalizer broke');
  });
  manager.every(10, () => {
    throw new Error('timer broke');
  });
  await bench.clock.advance(10);
  await manager.close();
  expect(bench.errors.map(({ stage, error }) => [stage, (error as Error).message])).toEqual([
    ['timer', 'timer broke'],
    ['finalizer', 'finalizer broke'],
  ]);
});

test('[O8] an onError that throws stops nothing', async () => {
  const onError: NonNullable<ManagerFactoryOptions['onError']> = () => {
    throw new Error('the handler broke too');
  };
  const bench = new Bench({ onError });
  const manager = bench.manager();
  const ran: string[] = [];
  manager.defer(() => ran.push('first'));
  manager.defer(() => {
    throw new Error('broke');
  });
  const report = await manager.close();
  expect(ran).toEqual(['first']);
  expect(report.failed).toHaveLength(1);
});

test('[O8] without onError it becomes a process warning', async () => {
  const warnings: (Error & { code?: string })[] = [];
  const listener = (warning: Error): void => {
    warnings.push(warning);
  };
  process.on('warning', listener);
  atEnd(() => process.off('warning', listener));
  const factory = createManagerFactory({ sweepIntervalMs: false });
  factory.recordError(new Error('nobody catches this'), 'timer', 'ada');
  await new Promise((resolve) => setImmediate(resolve));
  const [warning] = warnings.filter(({ code }) => code === 'WATERTIGHT_W_CALLBACK');
  expect(warning?.message).toBe('Code called by @watertight/server failed (timer, user "ada")');
  await factory.close();
});

test('[O8] what was thrown may be something that no text can be made of', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  atEnd(() => process.off('warning', note));
  const factory = createManagerFactory({ sweepIntervalMs: false });
  atEnd(() => factory.close());
  const admission = factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  if (!admission.admitted) throw new Error('refused');
  admission.manager.defer(() => {
    throw Object.create(null);
  });
  await admission.manager.close();
  await nextTurn();
  expect(warnings.map(({ message }) => message)).toEqual([
    'Code called by @watertight/server failed (finalizer, finalizer, user "ada")',
  ]);
});
