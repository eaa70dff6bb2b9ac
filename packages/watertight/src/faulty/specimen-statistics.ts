import type { FactoryStats, UserUsage } from '@watertight/server';
import type { SpecimenAnswers } from './specimen-answers.ts';
import type { SpecimenLedger } from './specimen-ledger.ts';
import type { SpecimenLimits } from './specimen-limits.ts';
import { nowMs } from './specimen-options.ts';
import type { SpecimenOptions } from './specimen-options.ts';
import type { SpecimenPressure } from './specimen-pressure.ts';
import type { SpecimenRegistry } from './specimen-registry.ts';
import type { SpecimenSending } from './specimen-sending.ts';
import type { SpecimenWatch } from './specimen-watch.ts';

/** What there is to count. */
export interface Countable {
  readonly name: string;
  readonly options: SpecimenOptions;
  readonly registry: SpecimenRegistry;
  readonly ledger: SpecimenLedger;
  readonly limits: SpecimenLimits;
  readonly answers: SpecimenAnswers;
  readonly pressure: SpecimenPressure;
  readonly doors: { readonly addresses: number };
  readonly sending: SpecimenSending;
  readonly watch: SpecimenWatch;
  readonly emergencyState: { readonly size: number };
  usage(user: string): UserUsage;
}

/** What a specimen has no part in. */
const NOT_OFFERED: Pick<FactoryStats, 'liveness'> = Object.freeze({
  liveness: Object.freeze({
    asked: 0,
    idle: 0,
    stuckClosing: 0,
    heldUp: 0,
    longestHeldUpMs: 0,
    suspensions: 0,
    longestSliceMs: 0,
  }),
});

/** A frozen plain snapshot; reading changes nothing. */
export function readStats(specimen: Countable, closed: boolean): FactoryStats {
  const { registry, ledger, options } = specimen;
  const takenAtMs = nowMs();
  const held = registry.all();
  const pending = held.filter((manager) => manager.state === 'pending').length;
  const users = new Set([...registry.users.keys(), ...registry.closing.keys()]);
  const perUser = [...users].map((user) => specimen.usage(user)).toSorted((a, b) => b.held - a.held);
  const oldestAgeMs = (managers: typeof held): number | null =>
    managers.length === 0 ? null : takenAtMs - Math.min(...managers.map((manager) => manager.createdAtMs));
  const withoutConnection = held.filter((manager) => manager.live.length === 0);
  return Object.freeze({
    name: specimen.name,
    state: closed ? 'closed' : 'open',
    takenAtMs,
    active: held.length - pending,
    pending,
    closing: [...registry.closing.values()].reduce((sum, managers) => sum + managers.size, 0),
    users: users.size,
    perUser: Object.freeze(perUser.slice(0, options.statsTopUsers)),
    refusalAnswers: { ...specimen.answers.counts },
    earlyBudget: { bytes: options.maxEarlyBytes, messages: options.maxEarlyMessages },
    refusalBudget: { ...specimen.answers.maxPerSecond },
    pressure: specimen.pressure.read(),
    overrides: specimen.limits.count(),
    addresses: specimen.doors.addresses,
    connectRates: { trackedUsers: 0, trackedAddresses: 0 },
    connections: held.reduce((sum, manager) => sum + manager.live.length, 0),
    withoutConnection: withoutConnection.length,
    oldestAgeMs: oldestAgeMs(held),
    oldestWithoutConnectionAgeMs: oldestAgeMs(withoutConnection),
    slowConsumers: specimen.sending.read(),
    suspicions: specimen.watch.read(),
    ...NOT_OFFERED,
    ...ledger.read(specimen.emergencyState.size),
  });
}
