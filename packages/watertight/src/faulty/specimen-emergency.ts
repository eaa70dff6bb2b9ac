import type { EmergencyLevel, EmergencyReport, ReleaseReport } from '@watertight/server';
import type { SpecimenConnection } from './specimen-connection.ts';
import { publish } from './specimen-events.ts';
import type { SpecimenManager } from './specimen-manager.ts';
import { EMERGENCY_PAUSE_MS, nowMs } from './specimen-options.ts';
import type { SpecimenOptions } from './specimen-options.ts';
import type { SpecimenLedger } from './specimen-ledger.ts';

export type EmergencyCause = 'dead' | 'neverAttached' | 'silent' | 'forced';

/** The reasons under which an emergency cleanup releases. */
const EMERGENCY_REASONS: Readonly<Record<EmergencyCause, string>> = {
  dead: 'emergency:dead',
  neverAttached: 'emergency:never-attached',
  silent: 'emergency:silent',
  forced: 'emergency:forced',
};

/** Who goes at once, and who is asked first. */
export interface EmergencyPlan {
  readonly remove: readonly { readonly manager: SpecimenManager; readonly cause: EmergencyCause }[];
  readonly ask: readonly SpecimenManager[];
}

/** Decides over the managers of one user; does nothing. */
export function planEmergency(
  managers: readonly SpecimenManager[],
  atMs: number,
  options: SpecimenOptions,
): EmergencyPlan {
  const remove: { manager: SpecimenManager; cause: EmergencyCause }[] = [];
  const ask: SpecimenManager[] = [];
  for (const manager of managers) {
    if (manager.connections.size === 0) {
      if (atMs - manager.createdAtMs > options.pendingDeadlineMs) remove.push({ manager, cause: 'neverAttached' });
    } else if (manager.live.length === 0) remove.push({ manager, cause: 'dead' });
    else if (manager.state === 'active' && isSuspect(manager, atMs, options)) ask.push(manager);
  }
  return { remove, ask };
}

function isSuspect(manager: SpecimenManager, atMs: number, options: SpecimenOptions): boolean {
  if (manager.inFlight > 0) return false;
  return manager.live.every((connection) => connection.quietMs(atMs) > options.heartbeatIntervalMs);
}

/** Asks every connection of a manager; true when one of them gave a sign of life in time. */
function answersWithin(manager: SpecimenManager, probeTimeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const connections: readonly SpecimenConnection[] = manager.live;
    const settle = (answered: boolean): void => {
      clearTimeout(timer);
      for (const connection of connections) connection.onInbound = undefined;
      resolve(answered);
    };
    const timer = setTimeout(() => settle(false), probeTimeoutMs);
    for (const connection of connections) {
      connection.onInbound = () => settle(true);
      connection.ask();
    }
  });
}

/** How far a run goes, and how many slots `force` has to free. */
export interface EmergencyWish {
  readonly level?: EmergencyLevel;
  readonly needed?: number;
}

/** Exactly as many as asked for: idle longest first, and nobody who has work in flight. */
function idleLongest(managers: readonly SpecimenManager[], count: number): readonly SpecimenManager[] {
  const usedAtMs = ({ connections, createdAtMs }: SpecimenManager): number =>
    Math.max(createdAtMs, ...[...connections].map((connection) => connection.usedAtMs));
  return managers
    .filter((manager) => manager.state === 'active' && manager.inFlight === 0)
    .toSorted((one, other) => usedAtMs(one) - usedAtMs(other))
    .slice(0, Math.max(0, count));
}

/** What a run needs of the server. */
export interface EmergencySite {
  readonly name: string;
  readonly ledger: SpecimenLedger;
  readonly options: SpecimenOptions;
  held(user: string): number;
  managersOf(user: string): readonly SpecimenManager[];
  planEmergency(user: string, atMs: number): EmergencyPlan;
  release(manager: SpecimenManager, reason: string): Promise<ReleaseReport>;
}

/** Carries plans out: one run per user at a time, and none by itself within a second. */
export class EmergencyRuns {
  readonly #specimen: EmergencySite;
  readonly #running: Map<string, Promise<EmergencyReport>> = new Map();
  readonly #lastAtMs: Map<string, number> = new Map();

  constructor(specimen: EmergencySite) {
    this.#specimen = specimen;
  }

  /** A run that an admission asks for; `undefined` within a second of the last one. */
  automatic(user: string): Promise<EmergencyReport> | undefined {
    const lastMs = this.#lastAtMs.get(user);
    const isPaused = lastMs !== undefined && nowMs() - lastMs < EMERGENCY_PAUSE_MS;
    return isPaused && !this.#running.has(user) ? undefined : this.run(user);
  }

  /** A run asked for by hand: joins one that is under way, and is never put off. */
  run(user: string, wish: EmergencyWish = {}): Promise<EmergencyReport> {
    const running = this.#running.get(user);
    if (running !== undefined) return running;
    const run = this.#carryOut(user, wish).finally(() => {
      this.#running.delete(user);
      this.#lastAtMs.set(user, nowMs());
      setTimeout(() => this.#lastAtMs.delete(user), EMERGENCY_PAUSE_MS + 10).unref();
    });
    this.#running.set(user, run);
    return run;
  }

  async #carryOut(user: string, { level = 'moderate', needed = 0 }: EmergencyWish): Promise<EmergencyReport> {
    const specimen = this.#specimen;
    const { emergency, emergencyRemoved } = specimen.ledger;
    const startedAtMs = nowMs();
    const heldBefore = specimen.held(user);
    const removed = { dead: 0, neverAttached: 0, silent: 0, forced: 0 };
    const remove = (manager: SpecimenManager, cause: EmergencyCause): void => {
      if (manager.releasing !== undefined) return;
      removed[cause] += 1;
      emergencyRemoved[cause] += 1;
      void specimen.release(manager, EMERGENCY_REASONS[cause]);
    };
    emergency.runs += 1;
    emergency.running += 1;
    emergency.lastRunAtMs = startedAtMs;
    const plan = specimen.planEmergency(user, startedAtMs);
    for (const { manager, cause } of plan.remove) remove(manager, cause);
    const answers = await Promise.all(
      plan.ask.map(async (manager) => {
        const answered = await answersWithin(manager, specimen.options.probeTimeoutMs);
        if (!answered) remove(manager, 'silent');
        return answered;
      }),
    );
    if (level === 'force') {
      const freed = Object.values(removed).reduce((sum, count) => sum + count, 0);
      for (const manager of idleLongest(specimen.managersOf(user), needed - freed)) remove(manager, 'forced');
    }
    emergency.running -= 1;
    const answered = answers.filter(Boolean).length;
    const durationMs = nowMs() - startedAtMs;
    const report = { user, level, heldBefore, asked: plan.ask.length, answered, removed, durationMs };
    publish('watertight:emergency:end', specimen.name, { report });
    return report;
  }
}

/** One report over all users. */
export function sumReports(reports: readonly EmergencyReport[], durationMs: number): EmergencyReport {
  const sum = (of: (report: EmergencyReport) => number): number => reports.reduce((total, each) => total + of(each), 0);
  return {
    user: null,
    level: 'moderate',
    heldBefore: sum((report) => report.heldBefore),
    asked: sum((report) => report.asked),
    answered: sum((report) => report.answered),
    removed: {
      dead: sum((report) => report.removed.dead),
      neverAttached: sum((report) => report.removed.neverAttached),
      silent: sum((report) => report.removed.silent),
      forced: sum((report) => report.removed.forced),
    },
    durationMs,
  };
}
