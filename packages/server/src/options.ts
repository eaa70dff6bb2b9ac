import type { Clock } from './clock.ts';
import type { GaugeReading } from './process-gauge.ts';
import type { SlowConsumerPolicy } from './slow-consumer.ts';
import type { OnLimit } from './on-limit.ts';
import type { Quota } from './quota/lease-terms.ts';

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
