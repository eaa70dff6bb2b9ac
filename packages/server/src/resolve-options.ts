import { systemClock } from './clock.ts';
import { describeThrown, InvalidOptionsError } from './errors.ts';
import { clockProblems, throwIfNoOptions, unknownOptions } from './given-options.ts';
import { NUMBER_OPTIONS } from './number-options.ts';
import { type NumberRule, numberProblem } from './number-rule.ts';
import type { Hooks, ManagerFactoryOptions, ResolvedOptions } from './options.ts';
import { isQuota } from './quota/lease-terms.ts';
import { show } from './show.ts';

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
