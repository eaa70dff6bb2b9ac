import type { PressureState } from './pressure-rule.ts';
import type { SuspicionStats } from './suspicion.ts';

/** One of the three cleanup figures. Resolution of the percentiles: 1/16 of an octave; `maxMs` is exact. */
export interface DurationStats {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly totalMs: number;
  /** How many were later than `cleanupDeadlineMs`, managers with a finalizer that was not done by it among them. */
  readonly overDeadline: number;
  /** How many took at most so long, each including those before it: from 3.9 ms in doubles to 8 s, 500 ms among them. Exact. */
  readonly upTo: readonly { readonly durationMs: number; readonly count: number }[];
}

/** What the sweep did; `running` false on an open factory means the safety net is not there. */
export interface SweepStats {
  readonly running: boolean;
  readonly runs: number;
  readonly removed: number;
  /** Milliseconds on the factory's clock; `null` before the first run. */
  readonly lastRunAtMs: number | null;
  readonly lastDurationMs: number | null;
  readonly longestSliceMs: number;
  readonly lastError: string | null;
}

/** What emergency cleanups did so far. */
export interface EmergencyStats {
  readonly runs: number;
  readonly running: number;
  readonly lastRunAtMs: number | null;
  /** Users at or above the emergency threshold who have not fallen below the exit threshold since. */
  readonly usersInEmergency: number;
  readonly removed: {
    readonly dead: number;
    readonly neverAttached: number;
    readonly silent: number;
    readonly forced: number;
  };
}

/** How pressed the process is. Shares of `maxManagers`, `maxHeapBytes` and `maxEventLoopDelayMs`; `null` where there is no limit. */
export interface PressureStats {
  readonly state: PressureState;
  /** The worst of the three. */
  readonly level: number;
  readonly managers: number | null;
  readonly heap: number | null;
  readonly eventLoopDelay: number | null;
}

/** Connections that do not read what they are sent. */
export interface SlowConsumerStats {
  /** Over `maxBufferedBytes`, and not recovered. */
  readonly now: number;
  readonly framesDropped: number;
  readonly terminated: number;
}

/** Verdicts on peers, and what held them back. */
export interface LivenessStats {
  /** Signs of life asked for. */
  readonly asked: number;
  /** Managers that ended because they were idle. */
  readonly idle: number;
  /** Managers of which a peer had to be cut off as it did not finish the closing handshake. */
  readonly stuckClosing: number;
  /** How often the event loop or the process stood still for more than 100 ms, and the longest time. */
  readonly heldUp: number;
  readonly longestHeldUpMs: number;
  /** How often the machine slept. */
  readonly suspensions: number;
  /** The longest that work over many connections, heartbeats, time-outs, drain and closing among it, held the loop at a time. */
  readonly longestSliceMs: number;
}

/** The size of one user. */
export interface UserUsage {
  readonly user: string;
  /** pending + active: what the limit bounds, plus closing managers above `maxClosingPerUser`. */
  readonly held: number;
  readonly pending: number;
  readonly active: number;
  readonly closing: number;
  /** How many it may hold, overrides included; `false`: as many as it likes. */
  readonly limit: number | false;
}

/** Refusals a second that are answered at most; `null`: nobody says how many. */
export interface RefusalBounds {
  readonly close: number | null;
  readonly http: number | null;
}

/** What a client may send at most before its upgrade is answered; `null`: nobody says how much. */
export interface EarlyBounds {
  readonly bytes: number | null;
  /** Frames. */
  readonly messages: number | null;
}

/**
 * A frozen plain snapshot of a factory. After every call
 * `created = active + pending + closing + released.total` holds.
 */
export interface FactoryStats {
  readonly name: string;
  readonly state: 'open' | 'draining' | 'closed';
  /** Milliseconds on the factory's clock. */
  readonly takenAtMs: number;
  readonly created: number;
  readonly active: number;
  readonly pending: number;
  readonly closing: number;
  readonly released: {
    readonly total: number;
    readonly byReason: Readonly<Record<string, number>>;
  };
  /** Refused attempts because a user, an address or the process was at its limit. One refused attempt is one hit. */
  readonly limitHits: number;
  readonly refusedByReason: Readonly<Record<string, number>>;
  /** How adapters answered those that were still there: explained by close code, by HTTP, or destroyed because too many came. */
  readonly refusalAnswers: { readonly close: number; readonly http: number; readonly destroy: number };
  /** How many a second its adapters answer at most, together: explained by close code, by HTTP. `null`: no adapter, or one without a bound. */
  readonly refusalBudget: RefusalBounds;
  /**
   * What a client may send before it is answered by that one of its adapters which takes the most. `null`: no adapter, one without a bound, or
   * one behind a framework, which keeps for itself what comes in one piece with a request.
   */
  readonly earlyBudget: EarlyBounds;
  /** Users with at least one manager that is not closed. */
  readonly users: number;
  /** The users with the most managers, at most `statsTopUsers`, largest first. */
  readonly perUser: readonly UserUsage[];
  /** Users with a limit of their own, and how many of them may hold nothing. */
  readonly overrides: { readonly count: number; readonly banned: number };
  /** Remote addresses with a manager; 0 without `maxManagersPerAddress`. */
  readonly addresses: number;
  /** Buckets of the connect rates that are not full, which is all that is kept of them. */
  readonly connectRates: { readonly trackedUsers: number; readonly trackedAddresses: number };
  readonly connections: number;
  readonly withoutConnection: number;
  readonly oldestAgeMs: number | null;
  /** Of those without connection, how long the one has been so that has been so longest: since its last connection ended, or its admission. */
  readonly oldestWithoutConnectionAgeMs: number | null;
  readonly cleanup: {
    readonly slotReusable: DurationStats;
    readonly socketGone: DurationStats;
    readonly finalizersDone: DurationStats;
  };
  readonly emergency: EmergencyStats;
  readonly sweep: SweepStats;
  readonly liveness: LivenessStats;
  readonly pressure: PressureStats;
  readonly slowConsumers: SlowConsumerStats;
  readonly suspicions: SuspicionStats;
}
