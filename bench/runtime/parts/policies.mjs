// @ts-check

/** @import { ManagerFactoryOptions } from '@watertight/server' */

/** Limits that nobody in the bench reaches: what is measured is what it costs to look at them. @type {Record<string, ManagerFactoryOptions>} */
const EACH = {
  'limits by process and address': { maxManagers: 1_000_000, maxManagersPerAddress: 1_000_000 },
  'three connect rates': {
    maxConnectsPerSecondPerUser: 100_000,
    maxConnectsPerSecondPerAddress: 100_000,
    maxConnectsPerSecond: 1_000_000,
  },
  'evict idle, take-over': { onLimit: 'evict-idle', sessionTakeover: true },
  'idle time-out': { idleTimeoutMs: 600_000 },
  pressure: { maxManagers: 1_000_000, maxHeapBytes: 8 * 2 ** 30, maxEventLoopDelayMs: 60_000 },
  'slow consumers': { maxBufferedBytes: 16 * 2 ** 20, onSlowConsumer: 'terminate' },
  'leak watch': { warnAfterMs: 600_000, stackSampleRate: 0.01 },
};

/** What one may ask for besides: dearer than the floor, and no part of the whole. @type {Record<string, ManagerFactoryOptions>} */
export const CHOICES = { 'leak watch, every stack': { warnAfterMs: 600_000, stackSampleRate: 1 } };

export const EVERY_POLICY = 'every policy';

/** By name: every policy alone, and all of them together. @type {Record<string, ManagerFactoryOptions>} */
export const POLICIES = {
  ...EACH,
  ...CHOICES,
  [EVERY_POLICY]: Object.values(EACH).reduce((all, policy) => ({ ...all, ...policy }), {}),
};
