import { MAX_TIMER_MS } from './clock.ts';
import type { NumberRule } from './number-rule.ts';

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
