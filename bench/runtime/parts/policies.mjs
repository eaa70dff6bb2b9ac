// @ts-check

/** @import { ManagerFactory, ManagerFactoryOptions } from '@watertight/server' */
/** @import { GuardOptions } from '@watertight/server/ws' */

/**
 * @typedef {object} Policy
 * @property {ManagerFactoryOptions} [factory]
 * @property {Pick<GuardOptions, 'trustedProxies'>} [guard]
 * @property {boolean} [hasSessions] whoever comes brings a session of its own
 * @property {number} [overrideCount] users with a limit of their own, as high as that of the others; the first of those who come
 */

/** Nobody in the bench reaches it: what is measured is what it costs to look. */
const MANY = 100_000_000;

/** @type {Record<string, Policy>} */
const EACH = {
  'limits by process and address': { factory: { maxManagers: MANY, maxManagersPerAddress: MANY } },
  'three connect rates': {
    factory: {
      maxConnectsPerSecondPerUser: 100_000,
      maxConnectsPerSecondPerAddress: 100_000,
      maxConnectsPerSecond: 1_000_000,
    },
  },
  'trusted proxies': { factory: { maxManagersPerAddress: MANY }, guard: { trustedProxies: ['127.0.0.0/8'] } },
  overrides: { overrideCount: 10_000 },
  'evict idle, take-over': { factory: { onLimit: 'evict-idle', sessionTakeover: true }, hasSessions: true },
  'idle time-out': { factory: { idleTimeoutMs: 600_000 } },
  pressure: { factory: { maxManagers: MANY, maxHeapBytes: 8 * 2 ** 30, maxEventLoopDelayMs: 60_000 } },
  'slow consumers': { factory: { maxBufferedBytes: 16 * 2 ** 20, onSlowConsumer: 'terminate' } },
  'leak watch': { factory: { warnAfterMs: 600_000, stackSampleRate: 0.01 } },
};

/** What one may ask for besides: dearer than the floor, and no part of the whole. @type {Record<string, Policy>} */
export const CHOICES = { 'leak watch, every stack': { factory: { warnAfterMs: 600_000, stackSampleRate: 1 } } };

export const EVERY_POLICY = 'every policy';

/** By name: every policy alone, and all of them together. @type {Record<string, Policy>} */
export const POLICIES = {
  ...EACH,
  ...CHOICES,
  [EVERY_POLICY]: Object.values(EACH).reduce((all, policy) => ({
    ...all,
    ...policy,
    factory: { ...all.factory, ...policy.factory },
  })),
};

/** What is set once the factory is there. @param {ManagerFactory} factory @param {Policy} policy */
export function setOverrides(factory, { overrideCount = 0 }) {
  const maxManagers = factory.options.maxManagersPerUser;
  for (let n = 0; n < overrideCount; n += 1)
    factory.setOverride(`user-${n}`, { maxManagers: maxManagers === false ? Infinity : maxManagers });
}
