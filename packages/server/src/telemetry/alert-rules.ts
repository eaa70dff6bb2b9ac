import type { FactoryStats } from '../stats.ts';
import type { AlertSeverity } from './alert.ts';
import { fullestUser, highestUsage } from './fullest-user.ts';
import type { Reading } from './instruments.ts';

/** What a rule looks at: now, and some minutes ago. */
export interface AlertView extends Reading {
  /** The oldest reading within the last {@link ALERT_WINDOW_MS}. */
  readonly before: FactoryStats;
  /**
   * Until the next of the largest users, and the process, reach their limit at the slope of the last half hour; `Infinity` if never. Users
   * who are at theirs are not looked at; the process is at its own at 0.
   */
  readonly forecast: {
    readonly userLimitInMs: number;
    readonly user: string | undefined;
    readonly processLimitInMs: number;
  };
}

/** How far back a rule sees what has changed: five minutes. */
export const ALERT_WINDOW_MS = 300_000;

/** A signal with a level at which it is raised, and another at which it is over. */
export interface AlertRule {
  readonly name: string;
  readonly severity: AlertSeverity;
  /** Says what it means and what to do first. */
  readonly summary: string;
  /** The signal; `undefined` when it does not apply. */
  value(view: AlertView): number | undefined;
  /** Raised when the signal has been at or above this for `forMs`. */
  readonly raiseAt: number;
  /** Over when the signal is below this. */
  readonly clearBelow: number;
  readonly forMs: number;
  /** Who, where a user can be named. It is told to whoever is alerted, and stands in no metric. */
  user?(view: AlertView): string | undefined;
}

const MINUTE_MS = 60_000;
const FORECAST_MS = 15 * MINUTE_MS;
/** A forecast is over when it is this much farther away again. */
const FORECAST_OVER_MS = 20 * MINUTE_MS;

/** Whoever holds at least this share of its limit: among the users that are told nobody else can be meant. */
function userAtShare(stats: FactoryStats, share: number): string | undefined {
  const fullest = fullestUser(stats);
  return fullest !== undefined && fullest.usage >= share ? fullest.user : undefined;
}
const held = ({ active, pending }: FactoryStats): number => active + pending;
/** How near what is forecast is, as 1 ÷ minutes. What has come true is no forecast any more: other rules tell it. */
const nearness = (inMs: number): number | undefined => (inMs === 0 ? undefined : MINUTE_MS / inMs);

/** The rules that are watched unless others are given; `deploy/prometheus/alerts.yml` has the same under the same names. */
export const ALERT_RULES: readonly AlertRule[] = [
  {
    name: 'WatertightUserLockedOut',
    severity: 'critical',
    summary: 'Attempts are refused because a limit is reached. Look at the fullest user: are its managers in use?',
    value: ({ stats, before }) => stats.limitHits - before.limitHits,
    raiseAt: 1,
    clearBelow: 1,
    forMs: 0,
    user: ({ stats }) => userAtShare(stats, 1),
  },
  {
    name: 'WatertightUserNearLimit',
    severity: 'warning',
    summary: 'A user holds nearly as many managers as it may. If it has no such number of tabs open, they leak.',
    value: ({ stats }) => highestUsage(stats),
    raiseAt: 0.9,
    clearBelow: 0.8,
    forMs: MINUTE_MS,
    user: ({ stats }) => fullestUser(stats)?.user,
  },
  {
    name: 'WatertightUserLimitForecast',
    severity: 'warning',
    summary: 'At the slope of the last half hour a user reaches its limit within 15 minutes.',
    value: ({ forecast }) => nearness(forecast.userLimitInMs),
    raiseAt: MINUTE_MS / FORECAST_MS,
    clearBelow: MINUTE_MS / FORECAST_OVER_MS,
    forMs: 0,
    user: ({ forecast }) => forecast.user,
  },
  {
    name: 'WatertightProcessLimitForecast',
    severity: 'warning',
    summary: 'At the slope of the last half hour the process reaches maxManagers within 15 minutes.',
    value: ({ forecast }) => nearness(forecast.processLimitInMs),
    raiseAt: MINUTE_MS / FORECAST_MS,
    clearBelow: MINUTE_MS / FORECAST_OVER_MS,
    forMs: 0,
  },
  {
    name: 'WatertightManagersWithoutConnection',
    severity: 'critical',
    summary: 'Managers hold slots although their sockets have gone. Whoever detaches them does not end them.',
    value: ({ stats }) => (stats.oldestWithoutConnectionAgeMs ?? 0) / 1000,
    raiseAt: 60,
    clearBelow: 60,
    forMs: MINUTE_MS,
  },
  {
    name: 'WatertightManagersExceedConnections',
    severity: 'critical',
    summary:
      'There are more managers than open sockets. This is what the leak of slots looks like before anyone is locked out.',
    value: ({ stats }) => (held(stats) === 0 ? 0 : stats.withoutConnection / held(stats)),
    raiseAt: 0.1,
    clearBelow: 0.05,
    forMs: 5 * MINUTE_MS,
  },
  {
    name: 'WatertightCleanupOverdue',
    severity: 'warning',
    summary: 'Cleanups take longer than the deadline. The release reports name the finalizers.',
    value: ({ stats, before }) =>
      stats.cleanup.finalizersDone.overDeadline -
      before.cleanup.finalizersDone.overDeadline +
      (stats.cleanup.socketGone.overDeadline - before.cleanup.socketGone.overDeadline),
    raiseAt: 1,
    clearBelow: 1,
    forMs: 0,
  },
  {
    name: 'WatertightSweepStale',
    severity: 'critical',
    summary: 'The safety net does not run: nobody started the factory, or its event loop stands still.',
    value: ({ stats: { sweep, takenAtMs, state }, options: { sweepIntervalMs } }) => {
      if (sweepIntervalMs === false || state !== 'open') return undefined;
      if (!sweep.running) return Infinity;
      return sweep.lastRunAtMs === null ? 0 : (takenAtMs - sweep.lastRunAtMs) / sweepIntervalMs;
    },
    raiseAt: 3,
    clearBelow: 2,
    forMs: MINUTE_MS,
  },
  {
    name: 'WatertightEmergency',
    severity: 'warning',
    summary: 'Users stay at their emergency threshold although the dead and the silent were removed.',
    value: ({ stats }) => stats.emergency.usersInEmergency,
    raiseAt: 1,
    clearBelow: 1,
    forMs: 5 * MINUTE_MS,
    user: ({ stats, options }) => userAtShare(stats, options.emergencyExitThreshold),
  },
  {
    name: 'WatertightPressure',
    severity: 'warning',
    summary: 'The process comes near a limit of its own; idle time-outs shrink, and newcomers will be refused.',
    value: ({ stats }) => stats.pressure.level,
    raiseAt: 0.9,
    clearBelow: 0.8,
    forMs: MINUTE_MS,
  },
  {
    name: 'WatertightSlowConsumers',
    severity: 'warning',
    summary: 'Clients do not read what they are sent; what waits for them is memory.',
    value: ({ stats }) => stats.slowConsumers.now,
    raiseAt: 1,
    clearBelow: 1,
    forMs: 5 * MINUTE_MS,
  },
  {
    name: 'WatertightLeakSuspected',
    severity: 'warning',
    summary: 'The code above the runtime keeps things beyond the life of their manager. The event names the place.',
    value: ({ stats }) => stats.suspicions.standing,
    raiseAt: 1,
    clearBelow: 1,
    forMs: 5 * MINUTE_MS,
  },
];
