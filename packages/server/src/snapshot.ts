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
 * Looks once at every manager and counts; nothing is remembered between two snapshots and nothing is touched.
 * Costs one pass over all managers.
 */
export function takeSnapshot(
  host: ManagerHost,
  { emergency, sweep, idleWatch, pressure, rates }: Watchers,
  state: FactoryStats['state'],
): FactoryStats {
  const { clock, limits, options, registry, tally } = host;
  const takenAtMs = clock.now();
  let active = 0;
  let pending = 0;
  let connections = 0;
  let withoutConnection = 0;
  let oldestMs = takenAtMs;
  let oldestWithoutMs = takenAtMs;
  for (const manager of registry.held()) {
    if (manager.state === 'pending') pending += 1;
    else active += 1;
    connections += manager.connectionCount;
    if (manager.connectionCount === 0) {
      withoutConnection += 1;
      if (manager.createdAtMs < oldestWithoutMs) oldestWithoutMs = manager.createdAtMs;
    }
    if (manager.createdAtMs < oldestMs) oldestMs = manager.createdAtMs;
  }
  let closing = 0;
  for (const manager of registry.closing()) {
    closing += 1;
    connections += manager.connections.filter((connection) => !connection.gone).length;
  }
  return Object.freeze({
    name: options.name,
    state,
    takenAtMs,
    created: tally.created,
    active,
    pending,
    closing,
    released: Object.freeze({ total: tally.released, byReason: frozenRecord(tally.releasedByReason) }),
    limitHits: tally.limitHits,
    refusedByReason: frozenRecord(tally.refusedByReason),
    refusalAnswers: Object.freeze({ ...tally.refusalAnswers }),
    users: registry.userCount,
    perUser: largestUsers(host),
    overrides: Object.freeze({ count: limits.overrideCount, banned: limits.bannedCount }),
    addresses: registry.addresses?.size ?? 0,
    connectRates: Object.freeze({
      trackedUsers: rates?.trackedUsers ?? 0,
      trackedAddresses: rates?.trackedAddresses ?? 0,
    }),
    connections,
    withoutConnection,
    oldestAgeMs: active + pending === 0 ? null : takenAtMs - oldestMs,
    oldestWithoutConnectionAgeMs: withoutConnection === 0 ? null : takenAtMs - oldestWithoutMs,
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

/** One pass: of a hundred thousand users, few are larger than the smallest of those that are told. */
function largestUsers(host: ManagerHost): readonly UserUsage[] {
  const most = host.options.statsTopUsers;
  const largest: { user: string; held: number }[] = [];
  for (const user of most === 0 ? [] : host.registry.users()) {
    const held = host.registry.heldBy(user);
    if (largest.length === most && held <= (largest.at(-1)?.held ?? 0)) continue;
    const place = largest.findIndex((other) => other.held < held);
    largest.splice(place === -1 ? largest.length : place, 0, { user, held });
    if (largest.length > most) largest.pop();
  }
  return Object.freeze(largest.map(({ user }) => usageOf(host, user)));
}

function frozenRecord(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.freeze(Object.fromEntries(counts));
}
