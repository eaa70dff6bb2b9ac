import { Census } from './census.ts';
import type { ConnectRates } from './connect-rates.ts';
import type { EmergencyCleanup } from './emergency.ts';
import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import type { IdleWatch } from './idle-watch.ts';
import type { Pressure } from './pressure.ts';
import type { FactoryStats, LivenessStats, SlowConsumerStats, UserUsage } from './stats.ts';
import type { Sweep } from './sweep.ts';

/** The parts of a factory that look after its managers. */
export interface Watchers {
  readonly emergency: EmergencyCleanup;
  readonly sweep: Sweep;
  readonly idleWatch: IdleWatch;
  readonly pressure: Pressure;
  readonly rates: ConnectRates | undefined;
}

const NO_SLOW_CONSUMERS: SlowConsumerStats = Object.freeze({ now: 0, framesDropped: 0, terminated: 0 });

/**
 * What is there at this moment. The first one counts all managers in one pass; from then on their figures are kept as they change, and
 * a snapshot costs one pass over the users. Nothing that could be told from outside is touched.
 */
export function takeSnapshot(
  host: ManagerHost,
  { emergency, sweep, idleWatch, pressure, rates }: Watchers,
  state: FactoryStats['state'],
): FactoryStats {
  const { clock, limits, options, registry, tally } = host;
  const takenAtMs = clock.now();
  registry.census ??= Census.of(registry);
  const { pending, closing, connections, withoutConnection, oldestMs, longestWithoutConnectionMs } = registry.census;
  return Object.freeze({
    name: options.name,
    state,
    takenAtMs,
    created: tally.created,
    active: registry.size - pending,
    pending,
    closing,
    released: Object.freeze({ total: tally.released, byReason: frozenRecord(tally.releasedByReason) }),
    limitHits: tally.limitHits,
    refusedByReason: frozenRecord(tally.refusedByReason),
    refusalAnswers: Object.freeze({ ...tally.refusalAnswers }),
    refusalBudget: Object.freeze(tally.refusalBudget),
    earlyBudget: Object.freeze(tally.earlyBudget),
    users: registry.userCount,
    perUser: Object.freeze(registry.largest(options.statsTopUsers).map((user) => usageOf(host, user))),
    overrides: Object.freeze({ count: limits.overrideCount, banned: limits.bannedCount }),
    addresses: registry.addresses?.size ?? 0,
    connectRates: Object.freeze({
      trackedUsers: rates?.trackedUsers ?? 0,
      trackedAddresses: rates?.trackedAddresses ?? 0,
    }),
    connections,
    withoutConnection,
    oldestAgeMs: oldestMs === undefined ? null : takenAtMs - oldestMs,
    oldestWithoutConnectionAgeMs:
      longestWithoutConnectionMs === undefined ? null : takenAtMs - longestWithoutConnectionMs,
    cleanup: Object.freeze({
      slotReusable: tally.slotReusable.summary(),
      socketGone: tally.socketGone.summary(),
      finalizersDone: tally.finalizersDone.summary(),
    }),
    emergency: Object.freeze({
      runs: emergency.runs,
      running: emergency.running,
      lastRunAtMs: emergency.lastRunAtMs,
      usersInEmergency: emergency.usersInEmergency,
      removed: Object.freeze({ ...emergency.removed }),
    }),
    sweep: sweep.stats(),
    liveness: livenessOf(host, idleWatch),
    pressure: pressure.stats(),
    suspicions: host.suspicions.stats(),
    slowConsumers: host.slowConsumers?.stats() ?? NO_SLOW_CONSUMERS,
  });
}

/** The size of one user, asked directly. */
export function usageOf(host: ManagerHost, user: string): UserUsage {
  const entries = host.registry.of(user);
  const limit = host.limits.managersOf(user);
  const pending = entries.filter((manager: ManagerRecord) => manager.state === 'pending').length;
  return Object.freeze({
    user,
    held: host.registry.heldBy(user),
    pending,
    active: entries.length - pending,
    closing: host.registry.closingOf(user).length,
    limit: limit === Infinity ? false : limit,
  });
}

function livenessOf({ deadlines, tally }: ManagerHost, { ended, longestSliceMs }: IdleWatch): LivenessStats {
  const { holdUp } = deadlines;
  return Object.freeze({
    asked: tally.asked,
    idle: ended,
    stuckClosing: tally.stuckClosing,
    heldUp: holdUp.count,
    longestHeldUpMs: holdUp.longestMs,
    suspensions: holdUp.suspensions,
    longestSliceMs: Math.max(deadlines.longestSliceMs, tally.longestSliceMs, longestSliceMs),
  });
}

function frozenRecord(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.freeze(Object.fromEntries(counts));
}
