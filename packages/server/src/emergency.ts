import { announced } from './announced.ts';
import { CLOSE_CODES } from './close-codes.ts';
import { Deadline } from './deadline-queue.ts';
import {
  type EmergencyLevel,
  type EmergencyRule,
  type ManagerFacts,
  type Removal,
  type RemovalKind,
  REMOVAL_REASONS,
  planEmergency,
} from './emergency-plan.ts';
import type { EmergencyPreview, EmergencyReport } from './emergency-report.ts';
import { CHANNELS, publish } from './events.ts';
import { LAG_TOLERANCE_MS } from './liveness.ts';
import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import { dueAt, shareOf } from './share-of-limit.ts';
import { inSlices } from './slices.ts';

/** A run that an admission asks for is not repeated for the same user within this time. */
const REPEAT_AFTER_MS = 1000;

/** Everyone: the key of a run over all users, which no user id can be. */
const EVERYONE = '';

/** Runs the plan: removes the dead, asks the suspects, waits, removes the silent. One run per user at a time. */
export class EmergencyCleanup {
  readonly #host: ManagerHost;
  readonly #running = new Map<string, Promise<EmergencyReport>>();
  readonly #resting = new Map<string, Rest>();
  /** Users (and {@link EVERYONE}) at or above the threshold who have not fallen below the exit threshold since. */
  readonly #inEmergency = new Set<string>();
  readonly removed: Record<RemovalKind, number> = { dead: 0, neverAttached: 0, silent: 0, forced: 0 };
  /** Held at which a run is due; `Infinity` when it never is. Users with an override have their own. */
  readonly #dueForUser: number;
  readonly #dueForAll: number;
  runs = 0;
  lastRunAtMs: number | null = null;

  constructor(host: ManagerHost) {
    this.#host = host;
    const { emergencyThreshold, maxManagers, maxManagersPerUser } = host.options;
    this.#dueForUser = dueAt(maxManagersPerUser, emergencyThreshold);
    this.#dueForAll = dueAt(maxManagers, emergencyThreshold);
  }

  get running(): number {
    return this.#running.size;
  }

  get usersInEmergency(): number {
    return this.#inEmergency.size - (this.#inEmergency.has(EVERYONE) ? 1 : 0);
  }

  /** Whether {@link beforeAdmission} has anything to do. */
  isNear(user: string, held: number): boolean {
    return held >= this.#dueFor(user) || this.#host.registry.size >= this.#dueForAll;
  }

  /**
   * Called at the start of every admission. Starts what is due and answers the runs that may free a slot for this user,
   * whoever started them.
   */
  beforeAdmission(user: string, held: number): Promise<unknown> | undefined {
    const ofUser = this.#runIfDue(user, held, this.#dueFor(user));
    const ofAll = this.#runIfDue(EVERYONE, this.#host.registry.size, this.#dueForAll);
    return ofUser === undefined || ofAll === undefined ? (ofUser ?? ofAll) : Promise.all([ofUser, ofAll]);
  }

  /**
   * The user is near its limit by what other nodes hold: whoever is gone of those that are here makes room. As rarely as for admissions,
   * and no emergency of this node.
   */
  suspect(user: string): void {
    if (this.#dueFor(user) === Infinity || this.#host.registry.heldBy(user) === 0) return;
    if (!this.#running.has(user) && !this.#resting.has(user)) void this.run(user);
  }

  /** A slot was freed or a limit was changed: the emergency may be over. */
  reconsider(user: string): void {
    if (this.#inEmergency.size === 0) return;
    const { limits, options, registry } = this.#host;
    this.#leave(user, registry.heldBy(user), limits.managersOf(user));
    this.#leave(EVERYONE, registry.size, options.maxManagers);
  }

  /** A run asked for by hand: joins one that is under way, and is never put off. */
  run(user: string | undefined, level: EmergencyLevel = 'moderate', needed = 0): Promise<EmergencyReport> {
    const key = user ?? EVERYONE;
    const underway = this.#running.get(key);
    if (underway !== undefined) return underway;
    return announced(
      (run) => this.#running.set(key, run),
      () =>
        this.#carryOut(user, { ...this.#rule(level), needed }).finally(() => {
          this.#running.delete(key);
          this.#rest(key);
        }),
    );
  }

  /** What a run would begin with, without running it. */
  preview(user: string | undefined, level: EmergencyLevel = 'moderate', needed = 0): EmergencyPreview {
    const { registry } = this.#host;
    const managers = user === undefined ? [...registry.held()] : registry.of(user);
    const facts = managers.map((manager) => this.#facts(manager, undefined));
    const plan = planEmergency(facts, { ...this.#rule(level), needed });
    const remove = { dead: 0, neverAttached: 0, silent: 0, forced: 0 };
    for (const { kind } of plan.remove) remove[kind] += 1;
    return Object.freeze({
      user: user ?? null,
      level,
      held: managers.length,
      remove: Object.freeze(remove),
      ask: plan.ask.length,
    });
  }

  /** Resolves when no run is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  #dueFor(user: string): number {
    const { limits, options } = this.#host;
    return limits.overrideCount === 0 ? this.#dueForUser : dueAt(limits.managersOf(user), options.emergencyThreshold);
  }

  #runIfDue(key: string, held: number, due: number): Promise<EmergencyReport> | undefined {
    if (held < due) return undefined;
    this.#enter(key, held);
    const underway = this.#running.get(key);
    if (underway !== undefined || this.#resting.has(key)) return underway;
    return this.run(key === EVERYONE ? undefined : key);
  }

  async #carryOut(user: string | undefined, rule: EmergencyRule): Promise<EmergencyReport> {
    const { clock, registry } = this.#host;
    const startedAtMs = clock.now();
    this.runs += 1;
    this.lastRunAtMs = startedAtMs;
    const removed = { dead: 0, neverAttached: 0, silent: 0, forced: 0 };
    const all: ManagerRecord[] = [];
    const asked: ManagerRecord[] = [];
    const gentle: EmergencyRule = { ...rule, level: rule.level === 'force' ? 'moderate' : rule.level };
    // A user at a time, who is bounded: an attempt at the limit of the process must not hold everybody up while all are looked at.
    const look = (of: string): void => {
      const managers = registry.of(of);
      const facts = managers.map((manager) => this.#facts(manager, undefined));
      const { ask, remove } = planEmergency(facts, gentle);
      const suspects = new Set(ask);
      // One by one: a user without a limit may have more than a call takes arguments.
      for (const manager of managers) {
        all.push(manager);
        if (suspects.has(manager.sequence)) asked.push(manager);
      }
      this.#remove(remove, managers, removed);
    };
    if (user === undefined) await this.#inSlices(registry.users(), look);
    else look(user);
    let answered = 0;
    if (asked.length > 0) {
      const askedAtMs = await this.#ask(asked);
      await this.#inSlices(asked.filter(({ isHeld }) => isHeld).values(), (manager) => {
        const facts = this.#facts(manager, askedAtMs);
        if (facts.answer === 'answered') answered += 1;
        this.#remove(planEmergency([facts], gentle).remove, [manager], removed);
      });
    }
    if (rule.level === 'force') {
      const left = all.filter(({ isHeld }) => isHeld);
      const facts = left.map((manager) => this.#facts(manager, undefined, true));
      const { dead, neverAttached, silent } = removed;
      this.#remove(
        planEmergency(facts, { ...rule, needed: rule.needed - dead - neverAttached - silent }).remove,
        left,
        removed,
      );
    }
    const report: EmergencyReport = Object.freeze({
      user: user ?? null,
      level: rule.level,
      heldBefore: all.length,
      asked: asked.length,
      answered,
      removed: Object.freeze(removed),
      durationMs: clock.now() - startedAtMs,
    });
    publish(CHANNELS['watertight:emergency:end'], this.#host, () => ({ report }));
    return report;
  }

  /** Asks everybody at once and waits; answers when they were asked. A wait in which our own loop was held up proves nothing and is repeated once. */
  async #ask(managers: readonly ManagerRecord[]): Promise<number> {
    const { clock, options } = this.#host;
    // As coarse as the times of inbound bytes, which it is compared with.
    const askedAtMs = Math.floor(clock.now());
    for (let attempt = 0; attempt < 2; attempt += 1) {
      let lastAskedAtMs = clock.now();
      await this.#inSlices(managers.values(), ({ connections }, nowMs) => {
        lastAskedAtMs = nowMs;
        for (const connection of connections) connection.ask();
      });
      await this.#wait(options.probeTimeoutMs, lastAskedAtMs);
      // Timers run before the I/O of the same turn: answers that have arrived are read first.
      await new Promise<void>((resolve) => clock.setImmediate(resolve));
      if (clock.now() - lastAskedAtMs <= options.probeTimeoutMs + LAG_TOLERANCE_MS) break;
    }
    return askedAtMs;
  }

  async #inSlices<Item>(items: Iterator<Item>, handle: (item: Item, nowMs: number) => void): Promise<void> {
    const { longestSliceMs } = await inSlices(this.#host.clock, items, handle);
    this.#host.tally.noteSlice(longestSliceMs);
  }

  #wait(delayMs: number, fromMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#host.deadlines.schedule(new Alarm(resolve), delayMs, fromMs);
    });
  }

  #facts(manager: ManagerRecord, askedAtMs: number | undefined, spareSuspicion = false): ManagerFacts {
    const nowMs = this.#host.clock.now();
    const { connections, emptySinceMs, everAttached, lastInboundMs } = manager;
    const asked = askedAtMs !== undefined || spareSuspicion;
    return {
      id: manager.sequence,
      state: manager.state === 'pending' ? 'pending' : 'active',
      dead: everAttached && emptySinceMs !== undefined,
      neverAttachedForMs: !everAttached && emptySinceMs !== undefined ? nowMs - emptySinceMs : null,
      quietForMs: connections.length === 0 ? null : nowMs - lastInboundMs,
      answer: !asked ? 'not asked' : askedAtMs === undefined || lastInboundMs >= askedAtMs ? 'answered' : 'none',
      inFlight: manager.inFlight,
      idleForMs: nowMs - manager.usedAtMs,
    };
  }

  #remove(
    removals: readonly Removal[],
    managers: readonly ManagerRecord[],
    removed: Record<RemovalKind, number>,
  ): void {
    if (removals.length === 0) return;
    const nowMs = this.#host.clock.now();
    const bySequence = new Map(managers.map((manager) => [manager.sequence, manager]));
    for (const { id, kind } of removals) {
      const manager = bySequence.get(id);
      if (manager === undefined || !manager.isHeld) continue;
      removed[kind] += 1;
      this.removed[kind] += 1;
      manager.end(REMOVAL_REASONS[kind], 'destroy', nowMs, CLOSE_CODES.removed);
    }
  }

  #rule(level: EmergencyLevel): Omit<EmergencyRule, 'needed'> {
    const { heartbeatIntervalMs, pendingDeadlineMs } = this.#host.options;
    return { level, heartbeatIntervalMs, pendingDeadlineMs };
  }

  #rest(key: string): void {
    const rest = this.#resting.get(key) ?? new Rest(() => this.#resting.delete(key));
    this.#resting.set(key, rest);
    this.#host.deadlines.schedule(rest, REPEAT_AFTER_MS, this.#host.clock.now());
  }

  #enter(key: string, held: number): void {
    if (this.#inEmergency.has(key)) return;
    this.#inEmergency.add(key);
    this.#publishState(key, true, held);
  }

  #leave(key: string, held: number, limit: number | false): void {
    if (!this.#inEmergency.has(key)) return;
    if (limit !== false && held > 0 && held >= shareOf(limit, this.#host.options.emergencyExitThreshold)) return;
    this.#inEmergency.delete(key);
    this.#publishState(key, false, held);
  }

  #publishState(key: string, inEmergency: boolean, held: number): void {
    publish(CHANNELS['watertight:emergency:state'], this.#host, () => ({
      user: key === EVERYONE ? null : key,
      inEmergency,
      held,
    }));
  }
}

class Alarm extends Deadline {
  readonly #ring: () => void;

  constructor(ring: () => void) {
    super();
    this.#ring = ring;
  }

  override onDue(): void {
    this.#ring();
  }
}

/** The time after a run in which no admission starts another one. */
class Rest extends Alarm {}
