import type { GaugeReading, OnLimit, ResolvedOptions, SlowConsumer, SlowConsumerAction } from '@watertight/server';

/** What whoever runs a server may decide by functions of their own. */
export interface SpecimenHooks {
  readonly onLimit?: OnLimit;
  readonly onSlowConsumer?: (consumer: SlowConsumer) => SlowConsumerAction;
  readonly readGauges?: () => GaugeReading;
}

/** What a specimen runs on: the options every factory shows, none of them switched off. */
export interface SpecimenOptions extends ResolvedOptions {
  readonly maxManagersPerUser: number;
  readonly maxManagers: number;
  readonly maxClosingPerUser: number;
  readonly maxConnectionsPerManager: number;
  readonly emergencyThreshold: number;
  readonly pendingDeadlineMs: number;
  readonly heartbeatIntervalMs: number;
  readonly sweepIntervalMs: number;
  /** What a client may send before its upgrade was answered. */
  readonly maxEarlyBytes: number;
  readonly maxEarlyMessages: number;
  /** How long a connection may stay that has not said whose it is. */
  readonly identifyTimeoutMs: number;
  /** Refusals a second that are explained by a close code; beyond, they are answered by HTTP. */
  readonly maxCloseRefusalsPerSecond: number;
  /** Refusals a second that are answered by HTTP; beyond, the socket is destroyed without a word. */
  readonly maxHttpRefusalsPerSecond: number;
  readonly hooks: SpecimenHooks;
}

/**
 * What a specimen promises when nobody says otherwise. The limit, the deadline and the threshold are the usual ones; the
 * intervals are short, so that a run over all faults takes seconds.
 */
export const SPECIMEN_DEFAULTS: SpecimenOptions = Object.freeze({
  name: 'specimen',
  maxManagersPerUser: 20,
  maxManagers: 200,
  // As many as all together: nobody is stopped by it, and it is known who came from where.
  maxManagersPerAddress: 200,
  maxOverrides: 100,
  maxConnectsPerSecondPerUser: false,
  maxConnectsPerSecondPerAddress: false,
  maxConnectsPerSecond: false,
  connectBurstMs: 10_000,
  evictIdleAfterMs: 60_000,
  onLimitTimeoutMs: 1_000,
  sessionTakeover: true,
  emergencyThreshold: 0.8,
  emergencyExitThreshold: 0.7,
  cleanupDeadlineMs: 500,
  closeHandshakeMs: 200,
  finalizerHoldMs: 100,
  pendingDeadlineMs: 1_500,
  heartbeatIntervalMs: 600,
  heartbeatMisses: 2,
  sweepIntervalMs: 100,
  probeTimeoutMs: 200,
  maxClosingPerUser: 20,
  maxConnectionsPerManager: 1,
  releaseGraceMs: 0,
  onLimit: 'reject',
  idleTimeoutMs: false,
  warnAfterMs: false,
  stackSampleRate: 0,
  development: false,
  overloadThreshold: false,
  maxHeapBytes: false,
  maxEventLoopDelayMs: false,
  pressureIntervalMs: 1_000,
  maxBufferedBytes: false,
  onSlowConsumer: 'terminate',
  statsTopUsers: 100,
  registrationSites: true,
  maxEarlyBytes: 16 * 1024,
  maxEarlyMessages: 16,
  identifyTimeoutMs: 400,
  maxCloseRefusalsPerSecond: 0,
  maxHttpRefusalsPerSecond: 100,
  hooks: {},
});

/** The share of the cleanup deadline at which patience ends, so that the report is out by the deadline. */
export const PATIENCE_SHARE = 0.9;

/** No emergency cleanup of a user starts by itself within this time of the last one. */
export const EMERGENCY_PAUSE_MS = 1_000;

/** Milliseconds on the specimen's clock. */
export function nowMs(): number {
  return performance.now();
}
