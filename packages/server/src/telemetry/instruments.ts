import type { InspectableFactory } from '../inspection.ts';
import type { DurationStats, FactoryStats } from '../stats.ts';
import { highestUsage } from './fullest-user.ts';

/** What is read: a snapshot, and the options that say what it is measured against. */
export interface Reading {
  readonly stats: FactoryStats;
  readonly options: InspectableFactory['options'];
}

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/**
 * `counter`: only grows. `size`: how many there are, which may be added up over processes. `gauge`: what may not be, such as an age.
 */
export type InstrumentKind = 'counter' | 'size' | 'gauge';

/** One thing that is measured, under the name it has in OpenTelemetry; Prometheus' name follows from name, kind and unit. */
export interface Instrument {
  readonly name: string;
  readonly kind: InstrumentKind;
  /** As UCUM writes it: `s`, `1` for a share, `{manager}` for what is counted. */
  readonly unit: string;
  readonly description: string;
  /** The labels beside `factory`. */
  readonly labels: readonly string[];
  read(from: Reading): readonly Sample[];
}

/** Cleanup times, as a histogram. */
export const CLEANUP_DURATION = {
  name: 'watertight.cleanup.duration',
  unit: 's',
  description: 'From the end of a connection to slot reusable, socket gone and finalizers done',
  labels: ['figure'],
} as const;

export const CLEANUP_FIGURES = ['slot_reusable', 'socket_gone', 'finalizers_done'] as const;
export type CleanupFigure = (typeof CLEANUP_FIGURES)[number];

export function cleanupFigure({ cleanup }: FactoryStats, figure: CleanupFigure): DurationStats {
  if (figure === 'slot_reusable') return cleanup.slotReusable;
  return figure === 'socket_gone' ? cleanup.socketGone : cleanup.finalizersDone;
}

const only = (value: number): readonly Sample[] => [{ labels: {}, value }];
const seconds = (durationMs: number | null): readonly Sample[] => only((durationMs ?? 0) / 1000);
const by = (label: string, values: Readonly<Record<string, number | null>>): readonly Sample[] =>
  Object.entries(values).flatMap(([key, value]) => (value === null ? [] : [{ labels: { [label]: key }, value }]));
const states = (state: string, all: readonly string[]): readonly Sample[] =>
  all.map((one) => ({ labels: { state: one }, value: one === state ? 1 : 0 }));

/**
 * Everything a factory tells of itself but the cleanup times. No label names a user: who is largest is asked of
 * {@link InspectableFactory.stats}, not of a time series.
 */
export const INSTRUMENTS: readonly Instrument[] = [
  {
    name: 'watertight.managers',
    kind: 'size',
    unit: '{manager}',
    description: 'Managers by state; pending and active hold a slot',
    labels: ['state'],
    read: ({ stats: { pending, active, closing } }) => by('state', { pending, active, closing }),
  },
  {
    name: 'watertight.managers.created',
    kind: 'counter',
    unit: '{manager}',
    description: 'Managers made; a refused attempt makes none',
    labels: [],
    read: ({ stats }) => only(stats.created),
  },
  {
    name: 'watertight.managers.released',
    kind: 'counter',
    unit: '{manager}',
    description: 'Managers that ended, by reason',
    labels: ['reason'],
    read: ({ stats }) => by('reason', stats.released.byReason),
  },
  {
    name: 'watertight.managers.without_connection',
    kind: 'size',
    unit: '{manager}',
    description: 'Managers that hold a slot and have no open socket',
    labels: [],
    read: ({ stats }) => only(stats.withoutConnection),
  },
  {
    name: 'watertight.managers.without_connection.oldest_age',
    kind: 'gauge',
    unit: 's',
    description: 'How long the manager has had no open socket that has had none longest; 0 without one',
    labels: [],
    read: ({ stats }) => seconds(stats.oldestWithoutConnectionAgeMs),
  },
  {
    name: 'watertight.managers.oldest_age',
    kind: 'gauge',
    unit: 's',
    description: 'Age of the oldest manager that holds a slot; 0 without one',
    labels: [],
    read: ({ stats }) => seconds(stats.oldestAgeMs),
  },
  {
    name: 'watertight.managers.limit',
    kind: 'gauge',
    unit: '{manager}',
    description: 'How many managers one user, and the process, may hold; absent without a limit',
    labels: ['scope'],
    read: ({ options: { maxManagersPerUser, maxManagers } }) =>
      by('scope', { user: maxManagersPerUser || null, process: maxManagers || null }),
  },
  {
    name: 'watertight.connections',
    kind: 'size',
    unit: '{connection}',
    description: 'Open sockets attached to managers',
    labels: [],
    read: ({ stats }) => only(stats.connections),
  },
  {
    name: 'watertight.users',
    kind: 'size',
    unit: '{user}',
    description: 'Users with at least one manager',
    labels: [],
    read: ({ stats }) => only(stats.users),
  },
  {
    name: 'watertight.users.highest_usage',
    kind: 'gauge',
    unit: '1',
    description: 'Of the largest users, the highest share of their limit that is held',
    labels: [],
    read: ({ stats }) => only(highestUsage(stats)),
  },
  {
    name: 'watertight.users.emergency',
    kind: 'size',
    unit: '{user}',
    description: 'Users at or above the emergency threshold who have not fallen below the exit threshold since',
    labels: [],
    read: ({ stats }) => only(stats.emergency.usersInEmergency),
  },
  {
    name: 'watertight.users.overridden',
    kind: 'size',
    unit: '{user}',
    description: 'Users with a limit of their own',
    labels: [],
    read: ({ stats }) => only(stats.overrides.count),
  },
  {
    name: 'watertight.limit.hits',
    kind: 'counter',
    unit: '{attempt}',
    description: 'Attempts refused because a user, an address or the process was at its limit',
    labels: [],
    read: ({ stats }) => only(stats.limitHits),
  },
  {
    name: 'watertight.admissions.refused',
    kind: 'counter',
    unit: '{attempt}',
    description: 'Refused attempts by reason',
    labels: ['reason'],
    read: ({ stats }) => by('reason', stats.refusedByReason),
  },
  {
    name: 'watertight.refusals.answered',
    kind: 'counter',
    unit: '{attempt}',
    description: 'How refused clients were answered',
    labels: ['by'],
    read: ({ stats }) => by('by', { ...stats.refusalAnswers }),
  },
  {
    name: 'watertight.cleanup.overdue',
    kind: 'counter',
    unit: '{manager}',
    description: 'Cleanups that were not over by the deadline',
    labels: ['figure'],
    read: ({ stats }) =>
      CLEANUP_FIGURES.map((figure) => ({ labels: { figure }, value: cleanupFigure(stats, figure).overDeadline })),
  },
  {
    name: 'watertight.emergency.runs',
    kind: 'counter',
    unit: '{run}',
    description: 'Emergency cleanups',
    labels: [],
    read: ({ stats }) => only(stats.emergency.runs),
  },
  {
    name: 'watertight.emergency.removed',
    kind: 'counter',
    unit: '{manager}',
    description: 'Managers removed by emergency cleanups',
    labels: ['kind'],
    read: ({ stats: { emergency } }) =>
      by('kind', {
        dead: emergency.removed.dead,
        never_attached: emergency.removed.neverAttached,
        silent: emergency.removed.silent,
        forced: emergency.removed.forced,
      }),
  },
  {
    name: 'watertight.sweep.running',
    kind: 'size',
    unit: '1',
    description: '1 while the safety net is there',
    labels: [],
    read: ({ stats }) => only(stats.sweep.running ? 1 : 0),
  },
  {
    name: 'watertight.sweep.age',
    kind: 'gauge',
    unit: 's',
    description: 'Since the last sweep; 0 before the first',
    labels: [],
    read: ({ stats: { sweep, takenAtMs } }) => seconds(sweep.lastRunAtMs === null ? 0 : takenAtMs - sweep.lastRunAtMs),
  },
  {
    name: 'watertight.sweep.interval',
    kind: 'gauge',
    unit: 's',
    description: 'How often there should be a sweep; absent where it is off',
    labels: [],
    read: ({ options: { sweepIntervalMs } }) => (sweepIntervalMs === false ? [] : seconds(sweepIntervalMs)),
  },
  {
    name: 'watertight.sweep.removed',
    kind: 'counter',
    unit: '{manager}',
    description: 'Managers that only the sweep removed',
    labels: [],
    read: ({ stats }) => only(stats.sweep.removed),
  },
  {
    name: 'watertight.liveness.asked',
    kind: 'counter',
    unit: '{connection}',
    description: 'Signs of life asked for',
    labels: [],
    read: ({ stats }) => only(stats.liveness.asked),
  },
  {
    name: 'watertight.liveness.stuck_closing',
    kind: 'counter',
    unit: '{manager}',
    description: 'Managers of which a peer did not finish the closing handshake',
    labels: [],
    read: ({ stats }) => only(stats.liveness.stuckClosing),
  },
  {
    name: 'watertight.loop.held_up',
    kind: 'counter',
    unit: '{time}',
    description: 'How often the event loop or the process stood still for more than 100 ms',
    labels: [],
    read: ({ stats }) => only(stats.liveness.heldUp),
  },
  {
    name: 'watertight.pressure',
    kind: 'gauge',
    unit: '1',
    description: 'Shares of the limits of the process that are used; absent without a limit',
    labels: ['resource'],
    read: ({ stats: { pressure } }) =>
      by('resource', { managers: pressure.managers, heap: pressure.heap, event_loop_delay: pressure.eventLoopDelay }),
  },
  {
    name: 'watertight.pressure.state',
    kind: 'gauge',
    unit: '',
    description: '1 at the state the process is in',
    labels: ['state'],
    read: ({ stats }) => states(stats.pressure.state, ['normal', 'pressed', 'overloaded']),
  },
  {
    name: 'watertight.consumers.slow',
    kind: 'size',
    unit: '{connection}',
    description: 'Connections that do not read what they are sent',
    labels: [],
    read: ({ stats }) => only(stats.slowConsumers.now),
  },
  {
    name: 'watertight.consumers.frames_dropped',
    kind: 'counter',
    unit: '{frame}',
    description: 'Frames that slow consumers were not sent',
    labels: [],
    read: ({ stats }) => only(stats.slowConsumers.framesDropped),
  },
  {
    name: 'watertight.consumers.terminated',
    kind: 'counter',
    unit: '{connection}',
    description: 'Slow consumers that were cut off',
    labels: [],
    read: ({ stats }) => only(stats.slowConsumers.terminated),
  },
  {
    name: 'watertight.suspicions',
    kind: 'size',
    unit: '{suspicion}',
    description: 'What looks like a leak of the code above the runtime, by kind',
    labels: ['kind'],
    read: ({ stats }) => by('kind', { ...stats.suspicions.standingByKind }),
  },
  {
    name: 'watertight.suspicions.raised',
    kind: 'counter',
    unit: '{suspicion}',
    description: 'Suspicions ever raised',
    labels: [],
    read: ({ stats }) => only(stats.suspicions.raised),
  },
  {
    name: 'watertight.factory.state',
    kind: 'gauge',
    unit: '',
    description: '1 at the state the factory is in',
    labels: ['state'],
    read: ({ stats }) => states(stats.state, ['open', 'draining', 'closed']),
  },
];
