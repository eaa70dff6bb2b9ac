import { type Clock, MAX_TIMER_MS, systemClock } from './clock.ts';
import { describeThrown, InvalidOptionsError } from './errors.ts';
import { clockProblems, throwIfNoOptions, unknownOptions } from './given-options.ts';
import { type NumberRule, numberProblem, show } from './number-rule.ts';
import type { GaugeReading } from './process-gauge.ts';
import type { SlowConsumerPolicy } from './slow-consumer.ts';
import type { OnLimit } from './on-limit.ts';
import { type Quota, isQuota } from './quota/lease-terms.ts';

/** Where something of the user's failed; given to `onError`. */
export type ErrorStage =
  | 'timer'
  | 'finalizer'
  | 'transport'
  | 'identify'
  | 'init'
  | 'on-limit'
  | 'connection-listener'
  | 'in-flight'
  | 'drain'
  | 'gauge'
  | 'slow-consumer'
  | 'quota'
  | 'internal';

const count = (fallback: number | false, off: boolean): NumberRule => ({
  default: fallback,
  min: 1,
  max: Number.MAX_SAFE_INTEGER,
  integer: true,
  unit: '',
  off,
});
const duration = (fallback: number | false, off: boolean, min = 1): NumberRule => ({
  default: fallback,
  min,
  max: MAX_TIMER_MS,
  integer: false,
  unit: ' ms',
  off,
});
const share = (fallback: number, off: boolean): NumberRule => ({
  default: fallback,
  min: 0.01,
  max: 1,
  integer: false,
  unit: ' (a share of the limit)',
  off,
});

const rate: NumberRule = {
  default: false,
  min: 0.001,
  max: 1_000_000,
  integer: false,
  unit: ' per second',
  off: true,
};

/** Default, bounds, unit and off switch of every number. One set of values for every environment. */
export const NUMBER_OPTIONS = {
  maxManagersPerUser: count(20, true),
  maxManagers: count(false, true),
  maxManagersPerAddress: count(false, true),
  maxClosingPerUser: count(20, true),
  maxConnectionsPerManager: count(20, true),
  maxOverrides: count(10_000, false),
  maxConnectsPerSecondPerUser: rate,
  maxConnectsPerSecondPerAddress: rate,
  maxConnectsPerSecond: rate,
  connectBurstMs: duration(10_000, false),
  evictIdleAfterMs: duration(60_000, false, 0),
  onLimitTimeoutMs: duration(1000, false),
  emergencyThreshold: share(0.8, true),
  emergencyExitThreshold: share(0.7, false),
  cleanupDeadlineMs: duration(500, false, 10),
  closeHandshakeMs: duration(200, false),
  finalizerHoldMs: duration(100, false),
  pendingDeadlineMs: duration(10_000, true),
  heartbeatIntervalMs: duration(30_000, true, 10),
  heartbeatMisses: { ...count(2, false), max: 100 },
  sweepIntervalMs: duration(30_000, true, 10),
  probeTimeoutMs: duration(200, false),
  releaseGraceMs: duration(0, false, 0),
  idleTimeoutMs: duration(false, true),
  warnAfterMs: duration(false, true),
  stackSampleRate: { ...count(0.01, false), min: 0, max: 1, integer: false },
  overloadThreshold: share(0.95, true),
  maxHeapBytes: { ...count(false, true), unit: ' bytes' },
  maxEventLoopDelayMs: duration(false, true),
  pressureIntervalMs: duration(1000, false, 10),
  maxBufferedBytes: { ...count(false, true), unit: ' bytes' },
  statsTopUsers: { ...count(20, false), min: 0, max: 10_000 },
} as const satisfies Readonly<Record<string, NumberRule>>;

/** Options of {@link createManagerFactory}; all optional, all validated at once. */
export interface ManagerFactoryOptions {
  /** Named in statistics, events and messages. Default `'default'`. */
  readonly name?: string;
  /** Managers one user may hold (pending + active). Default 20; `false`: no limit. */
  readonly maxManagersPerUser?: number | false;
  /** Managers this process may hold. Default `false`: no limit. */
  readonly maxManagers?: number | false;
  /**
   * Managers that may be held from one remote address, an IPv6 network of 64 bits counting as one. Default `false`: no limit. Goes by
   * the remote address of the admission request, which guards fill in while this is on.
   */
  readonly maxManagersPerAddress?: number | false;
  /** Managers of one user that may be closing at once; above that they count as held. Default: `maxManagersPerUser`; `false`: no bound. */
  readonly maxClosingPerUser?: number | false;
  /** Connections one manager may hold. Default 20; `false`: no limit. */
  readonly maxConnectionsPerManager?: number | false;
  /** Users with a limit of their own (`setOverride`). Default 10 000. */
  readonly maxOverrides?: number;
  /**
   * How often one user may connect, per second and on average (0.2: twelve times a minute). Default `false`: as often as it likes.
   * Every attempt counts, admitted or not, except those refused for their rate.
   */
  readonly maxConnectsPerSecondPerUser?: number | false;
  /** As `maxConnectsPerSecondPerUser`, for one remote address, an IPv6 network of 64 bits counting as one. Default `false`. */
  readonly maxConnectsPerSecondPerAddress?: number | false;
  /** As `maxConnectsPerSecondPerUser`, for all together. Default `false`. */
  readonly maxConnectsPerSecond?: number | false;
  /** Milliseconds of a rate that may be used up at once: at 2 a second, 10 000 ms are 20. Default 10 000; at least one attempt is. */
  readonly connectBurstMs?: number;
  /** Milliseconds without a message after which `'evict-idle'` may choose a session. Default 60 000; 0: at once. */
  readonly evictIdleAfterMs?: number;
  /** Milliseconds an `onLimit` function may take; the attempt is refused then. Default 1 000. */
  readonly onLimitTimeoutMs?: number;
  /** Shares the limits of users with other nodes: `redisQuota`, or `memoryQuota`. Default: every process counts for itself. */
  readonly quota?: Quota;
  /** Whether an admission with the session id of another manager of its user takes that one's place. Default `true`. */
  readonly sessionTakeover?: boolean;
  /** Share of a limit at which an emergency cleanup runs. Default 0.8; `false`: never by itself. */
  readonly emergencyThreshold?: number | false;
  /** Share of a limit below which the emergency is over. Default 0.7; must be below `emergencyThreshold`. */
  readonly emergencyExitThreshold?: number;
  /** Milliseconds from a manager's end to: sockets destroyed, finalizers finished or named. Default 500; cannot be switched off. */
  readonly cleanupDeadlineMs?: number;
  /** Milliseconds of the cleanup deadline given to the closing handshake. Default 200. */
  readonly closeHandshakeMs?: number;
  /** Milliseconds one finalizer may hold back the next. Default 100. */
  readonly finalizerHoldMs?: number;
  /** Milliseconds a manager may be pending, or active without ever having had a connection. Default 10 000; `false`: for ever. */
  readonly pendingDeadlineMs?: number | false;
  /** Milliseconds without inbound bytes after which a connection is asked for a sign of life. Default 30 000; `false`: never. */
  readonly heartbeatIntervalMs?: number | false;
  /** Unanswered questions after which a connection is silent. Default 2. */
  readonly heartbeatMisses?: number;
  /** Milliseconds between two sweeps. Default 30 000; `false`: none. */
  readonly sweepIntervalMs?: number | false;
  /** Milliseconds an emergency cleanup waits for suspects to answer. Default 200. */
  readonly probeTimeoutMs?: number;
  /** Milliseconds a manager outlives its last connection. Default 0: not at all. */
  readonly releaseGraceMs?: number;
  /**
   * What happens at the limit of a user when the emergency cleanup has made no room. `'reject'` (default) · `'evict-idle'`: the one idle
   * longest goes, if for `evictIdleAfterMs` · `'evict-oldest'`: the one admitted first goes · a function that decides. Never work in flight,
   * never another user's. `tryAdmit` evicts nobody: it does not wait for the cleanup.
   */
  readonly onLimit?: 'reject' | 'evict-idle' | 'evict-oldest' | OnLimit;
  /**
   * Milliseconds a manager may answer without being used (no message in, no work in flight, nothing unsent) before it is closed with code
   * 4408 and reason `idle`. Shrinks under pressure, reason `pressure:idle` then. Default `false`: for ever.
   */
  readonly idleTimeoutMs?: number | false;
  /** Milliseconds after which a manager that lives on, or is without a connection, is suspected of being a leak of the code above. Default `false`: never. */
  readonly warnAfterMs?: number | false;
  /** With `warnAfterMs`: the share of admissions whose stack is remembered, at 10 to 20 µs each. Default 0.01; 0: none. */
  readonly stackSampleRate?: number;
  /**
   * Suspects timers and listeners that code of a manager started and did not register, and says where. Watches every timer and every
   * listener of the process, so it is for development. Default `false`.
   */
  readonly development?: boolean;
  /**
   * Share of `maxManagers`, `maxHeapBytes` or `maxEventLoopDelayMs` from which new admissions are refused with 503: for heap and delay until it
   * is 0.05 lower (half as high, where that is more), for managers, which are counted at each admission, until one fewer is held. Default 0.95; `false`: never.
   */
  readonly overloadThreshold?: number | false;
  /** Bytes in use on the heap that count as full. Default `false`: not looked at. */
  readonly maxHeapBytes?: number | false;
  /** Milliseconds of event-loop delay (nine turns in ten are shorter) that count as full. Default `false`: not looked at. */
  readonly maxEventLoopDelayMs?: number | false;
  /** Milliseconds between two looks at the pressure. Default 1 000. */
  readonly pressureIntervalMs?: number;
  /** Instead of Node's own gauges: what is in use of `maxHeapBytes` (of a container's memory, say) and `maxEventLoopDelayMs`. */
  readonly readGauges?: () => GaugeReading;
  /** Bytes that may wait to be sent to one connection, the frame about to be sent included. Default `false`: any number. */
  readonly maxBufferedBytes?: number | false;
  /**
   * What is done with a frame, or its connection, beyond `maxBufferedBytes`. Default `'terminate'`. `'drop'` leaves messages out whole; adapters
   * of responses that are no streams of events refuse it, as of those nothing can be left out.
   */
  readonly onSlowConsumer?: SlowConsumerPolicy;
  /** Users named by `stats().perUser`. Default 20; 0: none. */
  readonly statsTopUsers?: number;
  /** Remember where a finalizer (`defer`, `use`) was registered, at about 3 µs a registration. Default `true`; `false`: named without place. */
  readonly registrationSites?: boolean;
  /** Called with whatever code of yours threw where nobody can catch it. Default: a process warning. What it throws itself is ignored. */
  readonly onError?: (
    error: unknown,
    where: { readonly stage: ErrorStage; readonly user?: string; readonly name?: string },
  ) => void;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** Options as they are in force, as plain values that survive JSON. */
export interface ResolvedOptions {
  readonly name: string;
  readonly maxManagersPerUser: number | false;
  readonly maxManagers: number | false;
  readonly maxManagersPerAddress: number | false;
  readonly maxClosingPerUser: number | false;
  readonly maxConnectionsPerManager: number | false;
  readonly maxOverrides: number;
  readonly maxConnectsPerSecondPerUser: number | false;
  readonly maxConnectsPerSecondPerAddress: number | false;
  readonly maxConnectsPerSecond: number | false;
  readonly connectBurstMs: number;
  readonly evictIdleAfterMs: number;
  readonly onLimitTimeoutMs: number;
  readonly sessionTakeover: boolean;
  readonly emergencyThreshold: number | false;
  readonly emergencyExitThreshold: number;
  readonly cleanupDeadlineMs: number;
  readonly closeHandshakeMs: number;
  readonly finalizerHoldMs: number;
  readonly pendingDeadlineMs: number | false;
  readonly heartbeatIntervalMs: number | false;
  readonly heartbeatMisses: number;
  readonly sweepIntervalMs: number | false;
  readonly probeTimeoutMs: number;
  readonly releaseGraceMs: number;
  /** A function of yours is named `'function'`. */
  readonly onLimit: 'reject' | 'evict-idle' | 'evict-oldest' | 'function';
  readonly idleTimeoutMs: number | false;
  readonly warnAfterMs: number | false;
  readonly stackSampleRate: number;
  readonly development: boolean;
  readonly overloadThreshold: number | false;
  readonly maxHeapBytes: number | false;
  readonly maxEventLoopDelayMs: number | false;
  readonly pressureIntervalMs: number;
  readonly maxBufferedBytes: number | false;
  /** A function of yours is named `'function'`. */
  readonly onSlowConsumer: 'drop' | 'terminate' | 'function';
  readonly statsTopUsers: number;
  readonly registrationSites: boolean;
}

/** The parts of the options that are no plain values. */
export interface Hooks {
  readonly clock: Clock;
  readonly onError: NonNullable<ManagerFactoryOptions['onError']>;
  readonly readGauges: ManagerFactoryOptions['readGauges'];
  readonly onSlowConsumer: SlowConsumerPolicy;
  readonly onLimit: OnLimit | undefined;
  readonly quota: Quota | undefined;
}

const KNOWN_OPTIONS: ReadonlySet<string> = new Set([
  ...Object.keys(NUMBER_OPTIONS),
  'name',
  'onLimit',
  'sessionTakeover',
  'registrationSites',
  'onError',
  'clock',
  'readGauges',
  'onSlowConsumer',
  'development',
  'quota',
]);

/**
 * Validates everything at once and fills in the defaults.
 * @throws InvalidOptionsError naming every problem with its value, limit and unit.
 */
export function resolveOptions(given: ManagerFactoryOptions = {}): {
  readonly options: ResolvedOptions;
  readonly hooks: Hooks;
} {
  throwIfNoOptions(given, 'createManagerFactory must be an object, or left out');
  const problems = unknownOptions(given, KNOWN_OPTIONS);
  const { name = 'default', onLimit = 'reject', onError = warn, clock = systemClock } = given;
  const { registrationSites = true, sessionTakeover = true } = given;
  if (typeof name !== 'string' || name === '')
    problems.push(`name must be a string that is not empty, got ${show(name)}`);
  if (typeof onLimit !== 'function' && !['reject', 'evict-idle', 'evict-oldest'].includes(onLimit))
    problems.push(`onLimit must be 'reject', 'evict-idle', 'evict-oldest' or a function, got ${show(onLimit)}`);
  const { readGauges, onSlowConsumer = 'terminate', development = false } = given;
  for (const [key, value] of Object.entries({ registrationSites, sessionTakeover, development }))
    if (typeof value !== 'boolean') problems.push(`${key} must be true or false, got ${show(value)}`);
  if (readGauges !== undefined && typeof readGauges !== 'function')
    problems.push(`readGauges must be a function, got ${show(readGauges)}`);
  if (onSlowConsumer !== 'drop' && onSlowConsumer !== 'terminate' && typeof onSlowConsumer !== 'function')
    problems.push(`onSlowConsumer must be 'drop', 'terminate' or a function, got ${show(onSlowConsumer)}`);
  const { quota } = given;
  if (quota !== undefined && !isQuota(quota))
    problems.push(`quota must be made by redisQuota or memoryQuota, got ${show(quota)}`);
  problems.push(...clockProblems(clock));
  if (typeof onError !== 'function') problems.push(`onError must be a function, got ${show(onError)}`);

  const number = <Key extends keyof typeof NUMBER_OPTIONS>(key: Key): number => {
    const rule: NumberRule = NUMBER_OPTIONS[key];
    // What is null, as in a configuration that lacks it, is nothing that anybody has chosen.
    const value: unknown = given[key] === undefined ? rule.default : given[key];
    const problem = numberProblem(key, value, rule);
    if (problem !== undefined) problems.push(problem);
    return value as number;
  };
  const orOff = number as <Key extends keyof typeof NUMBER_OPTIONS>(key: Key) => number | false;

  const maxManagersPerUser = orOff('maxManagersPerUser');
  const options: ResolvedOptions = {
    name,
    maxManagersPerUser,
    maxManagers: orOff('maxManagers'),
    maxManagersPerAddress: orOff('maxManagersPerAddress'),
    maxClosingPerUser: given.maxClosingPerUser === undefined ? maxManagersPerUser : orOff('maxClosingPerUser'),
    maxConnectionsPerManager: orOff('maxConnectionsPerManager'),
    maxOverrides: number('maxOverrides'),
    maxConnectsPerSecondPerUser: orOff('maxConnectsPerSecondPerUser'),
    maxConnectsPerSecondPerAddress: orOff('maxConnectsPerSecondPerAddress'),
    maxConnectsPerSecond: orOff('maxConnectsPerSecond'),
    connectBurstMs: number('connectBurstMs'),
    evictIdleAfterMs: number('evictIdleAfterMs'),
    onLimitTimeoutMs: number('onLimitTimeoutMs'),
    sessionTakeover,
    emergencyThreshold: orOff('emergencyThreshold'),
    emergencyExitThreshold: number('emergencyExitThreshold'),
    cleanupDeadlineMs: number('cleanupDeadlineMs'),
    closeHandshakeMs:
      given.closeHandshakeMs === undefined
        ? Math.min(number('closeHandshakeMs'), number('cleanupDeadlineMs'))
        : number('closeHandshakeMs'),
    finalizerHoldMs: number('finalizerHoldMs'),
    pendingDeadlineMs: orOff('pendingDeadlineMs'),
    heartbeatIntervalMs: orOff('heartbeatIntervalMs'),
    heartbeatMisses: number('heartbeatMisses'),
    sweepIntervalMs: orOff('sweepIntervalMs'),
    probeTimeoutMs: number('probeTimeoutMs'),
    releaseGraceMs: number('releaseGraceMs'),
    onLimit: typeof onLimit === 'function' ? 'function' : onLimit,
    idleTimeoutMs: orOff('idleTimeoutMs'),
    warnAfterMs: orOff('warnAfterMs'),
    stackSampleRate: number('stackSampleRate'),
    development,
    overloadThreshold: orOff('overloadThreshold'),
    maxHeapBytes: orOff('maxHeapBytes'),
    maxEventLoopDelayMs: orOff('maxEventLoopDelayMs'),
    pressureIntervalMs: number('pressureIntervalMs'),
    maxBufferedBytes: orOff('maxBufferedBytes'),
    onSlowConsumer: typeof onSlowConsumer === 'function' ? 'function' : onSlowConsumer,
    statsTopUsers: number('statsTopUsers'),
    registrationSites,
  };
  problems.push(...conflicts(options));
  if (problems.length > 0) throw new InvalidOptionsError([...new Set(problems)]);
  return {
    options: Object.freeze(options),
    hooks: {
      clock,
      onError,
      readGauges,
      onSlowConsumer,
      quota,
      onLimit: typeof onLimit === 'function' ? onLimit : undefined,
    },
  };
}

function conflicts(options: ResolvedOptions): string[] {
  const { emergencyThreshold, emergencyExitThreshold, closeHandshakeMs, cleanupDeadlineMs } = options;
  const problems: string[] = [];
  if (emergencyThreshold !== false && emergencyExitThreshold >= emergencyThreshold) {
    problems.push(
      `emergencyExitThreshold (${emergencyExitThreshold}) must be below emergencyThreshold (${emergencyThreshold})`,
    );
  }
  if (closeHandshakeMs > cleanupDeadlineMs) {
    problems.push(
      `closeHandshakeMs (${closeHandshakeMs} ms) must not exceed cleanupDeadlineMs (${cleanupDeadlineMs} ms)`,
    );
  }
  return problems;
}

const warn: Hooks['onError'] = (error, { stage, user, name }) => {
  const where = [stage, name, user === undefined ? undefined : `user ${JSON.stringify(user)}`]
    .filter((part) => part !== undefined)
    .join(', ');
  const detail = error instanceof Error ? (error.stack ?? error.message) : describeThrown(error);
  process.emitWarning(`Code called by @watertight/server failed (${where})`, { code: 'WATERTIGHT_W_CALLBACK', detail });
};
