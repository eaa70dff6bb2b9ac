import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmergencyReport, FactoryStats, InspectableFactory, UserOverride, UserUsage } from '@watertight/server';
import type { WebSocket } from 'ws';
import type { Admission, Refusal } from './specimen-admission.ts';
import type { SpecimenConnection } from './specimen-connection.ts';
import { EmergencyRuns, planEmergency, sumReports } from './specimen-emergency.ts';
import type { EmergencyPlan, EmergencyWish } from './specimen-emergency.ts';
import { idleReason } from './specimen-idleness.ts';
import { SpecimenManager } from './specimen-manager.ts';
import { nowMs } from './specimen-options.ts';
import type { SpecimenOptions } from './specimen-options.ts';
import { type RehearsalOptions, rehearsalOptions, SpecimenRehearsal } from './specimen-rehearsal.ts';
import { SpecimenRoadOut } from './specimen-road-out.ts';
import { readStats } from './specimen-statistics.ts';
import { within } from './specimen-teardown.ts';

type Init = (manager: SpecimenManager) => unknown;

/** How long looking up a user takes: long enough that two clients race for one slot. */
const INIT_MS = 8;

/**
 * A healthy server's core, as somebody else might have written it: it shares no code with `@watertight/server`, only the
 * shape by which a factory is inspected. Every fault of the catalogue is a subclass that overrides one or two methods.
 */
export class Specimen extends SpecimenRoadOut implements Omit<InspectableFactory, 'managersOf' | 'admit' | 'made'> {
  /** Who hears what is said; a connection leaves it at its end. */
  readonly room: Set<SpecimenConnection> = new Set();
  /** Shared by all connections; a connection takes its listener away at its end. */
  readonly announcements: EventEmitter = new EventEmitter().setMaxListeners(0);
  readonly #managers: WeakMap<SpecimenConnection, SpecimenManager> = new WeakMap();
  readonly #emergencies: EmergencyRuns = new EmergencyRuns(this);
  #sweepTimer: NodeJS.Timeout | undefined;
  #closed = false;

  /** Starts the sweep: silence, deadlines, and whatever was missed. */
  start(): void {
    this.ledger.sweep.running = true;
    this.ledger.sweep.lastRunAtMs = nowMs();
    this.pressure.start();
    this.#sweepTimer = setInterval(() => this.sweep(), this.options.sweepIntervalMs).unref();
  }

  // — the road in —

  /** Admits one session of a user, or says why not. Without a connection the manager waits for one until its deadline. */
  async admit(
    context: { readonly user: string; readonly sessionId?: string; readonly remoteAddress?: string },
    using: { readonly connection?: SpecimenConnection; readonly init?: Init } = {},
  ): Promise<Admission> {
    const { user, sessionId, remoteAddress } = context;
    const barred = this.doors.refusalOf(user, remoteAddress);
    if (barred !== undefined) return this.refuse(user, using.connection, barred);
    this.emergencyState.look(user, this.held(user), this.heldByAll);
    const run = this.emergencyDue(user) ? this.#emergencies.automatic(user) : undefined;
    if (sessionId !== undefined) this.takeOver(user, sessionId);
    // Whoever finds a place at once takes it in the same stretch as its address.
    const manager = this.take(user, using.connection) ?? (await this.findPlace(user, using.connection, run));
    if (manager === undefined) return this.refuse(user, using.connection);
    manager.sessionId = sessionId;
    manager.address = remoteAddress;
    await this.init();
    if (using.init !== undefined) await this.initialise(manager, using.init);
    return this.commit(manager);
  }

  /** A cleanup that is under way makes one, or else somebody has to go. */
  async findPlace(
    user: string,
    connection: SpecimenConnection | undefined,
    cleanup: Promise<EmergencyReport> | undefined,
  ): Promise<SpecimenManager | undefined> {
    return (await this.takeAfter(cleanup, user, connection)) ?? (await this.takeOfSomebody(user, connection));
  }

  async takeAfter(
    cleanup: Promise<EmergencyReport> | undefined,
    user: string,
    connection: SpecimenConnection | undefined,
  ): Promise<SpecimenManager | undefined> {
    if (cleanup === undefined) return undefined;
    await within(cleanup, this.options.probeTimeoutMs + 50);
    return this.take(user, connection);
  }

  /** At the limit somebody may have to go for whoever comes. */
  async takeOfSomebody(user: string, connection: SpecimenConnection | undefined): Promise<SpecimenManager | undefined> {
    if (this.options.onLimit === 'reject' || this.held(user) < this.limits.of(user)) return undefined;
    const evicted = await this.eviction.choose(user, this.managersOf(user));
    if (evicted !== undefined) void this.release(evicted.manager, evicted.reason);
    return this.take(user, connection);
  }

  /** What whoever admits has to do first; ends when the manager does. */
  async initialise(manager: SpecimenManager, init: Init): Promise<void> {
    if (manager.signal.aborted) return;
    const ended = new Promise((resolve) => manager.signal.addEventListener('abort', resolve, { once: true }));
    const initialised = (async () => await init(manager))();
    await Promise.race([initialised, ended]).catch(() => void this.release(manager, 'init-failed'));
  }

  /** The session comes back on another connection: its own manager makes room. */
  takeOver(user: string, sessionId: string): void {
    const predecessor = this.managersOf(user).find((manager) => manager.sessionId === sessionId);
    if (predecessor !== undefined) void this.release(predecessor, 'taken-over');
  }

  /** Check and take in one synchronous stretch. */
  take(user: string, connection: SpecimenConnection | undefined): SpecimenManager | undefined {
    if (this.#closed || connection?.endedAtMs !== undefined) return undefined;
    if (this.held(user) >= this.limits.of(user)) return undefined;
    if (this.heldByAll >= this.options.maxManagers) return undefined;
    const manager = this.create(user);
    if (connection !== undefined) this.attach(manager, connection);
    return manager;
  }

  create(user: string): SpecimenManager {
    const manager = new SpecimenManager(randomUUID(), user);
    this.registry.insert(manager);
    this.ledger.created += 1;
    return manager;
  }

  attach(manager: SpecimenManager, connection: SpecimenConnection): void {
    manager.connections.add(connection);
    this.#managers.set(connection, manager);
  }

  managerOf(connection: SpecimenConnection): SpecimenManager | undefined {
    return this.#managers.get(connection);
  }

  async init(): Promise<void> {
    await delay(INIT_MS);
  }

  commit(manager: SpecimenManager): Admission {
    if (manager.state !== 'pending') return this.refusal(manager.user, this.#whyEnded(manager));
    manager.state = 'active';
    return { admitted: true, manager };
  }

  #whyEnded({ endReason }: SpecimenManager): Refusal['reason'] {
    if (endReason === 'init-failed') return endReason;
    return endReason.startsWith('client-') ? 'client-left' : 'ended-during-init';
  }

  refuse(user: string, connection?: SpecimenConnection, barred?: Refusal['reason']): Refusal {
    const why = barred ?? this.#whyFull(user);
    const refusal = this.refusal(user, connection?.endedAtMs === undefined ? why : 'client-left');
    this.ledger.countRefusal(refusal.reason);
    return refusal;
  }

  #whyFull(user: string): Refusal['reason'] {
    const limit = this.limits.of(user);
    if (limit === 0) return 'banned';
    return this.held(user) >= limit ? 'user-limit' : 'server-limit';
  }

  refusal(user: string, reason: Refusal['reason']): Refusal {
    const limit = this.limits.of(user);
    const httpStatus = reason === 'banned' ? 403 : 429;
    return { admitted: false, reason, httpStatus, retryAfterMs: 1_000, limit, held: this.held(user) };
  }

  /** What came before the answer, for whoever reads on. */
  early(bytes: Buffer): Buffer {
    return bytes;
  }

  // — a connection's life —

  /** The socket speaks WebSocket from here on; what it acquires goes with its manager. */
  opened(manager: SpecimenManager, connection: SpecimenConnection, ws: WebSocket): void {
    connection.opened(ws);
    ws.on('message', (data: Buffer, isBinary) => this.received(connection, data, isBinary));
    this.enterRoom(manager, connection);
    this.listen(manager, connection);
    this.startTimer(manager, connection);
  }

  enterRoom(manager: SpecimenManager, connection: SpecimenConnection): void {
    this.room.add(connection);
    manager.defer(() => this.room.delete(connection), { name: 'leave the room' });
  }

  listen(manager: SpecimenManager, connection: SpecimenConnection): void {
    const tell = (text: string): void => connection.ws?.send(text);
    this.announcements.on('announcement', tell);
    manager.defer(() => this.announcements.off('announcement', tell), { name: 'stop listening' });
  }

  startTimer(manager: SpecimenManager, connection: SpecimenConnection): void {
    const timer = setInterval(() => connection.ws?.send('still here'), 60_000);
    manager.defer(() => clearInterval(timer), { name: 'stop the timer' });
  }

  received(connection: SpecimenConnection, data: Buffer, isBinary: boolean): void {
    if (this.maySend(connection, connection.unsentBytes, data.length)) connection.ws?.send(data, { binary: isBinary });
  }

  connectionEnded(connection: SpecimenConnection): void {
    const manager = this.managerOf(connection);
    if (manager === undefined || manager.live.length > 0) return;
    void this.release(manager, connection.endReason ?? 'client-close', connection.endedAtMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweepTimer);
    this.pressure.stop();
    this.ledger.sweep.running = false;
    await Promise.all(this.registry.all().map((manager) => this.release(manager, 'closed-by-server')));
  }

  // — watching —

  /** One look at everybody who is held. */
  sweep(): void {
    const atMs = nowMs();
    const { lastRunAtMs } = this.ledger.sweep;
    // While this process itself did not run, nobody could be heard: no verdict from such a look.
    const stalled = lastRunAtMs !== null && atMs - lastRunAtMs > 2 * this.options.sweepIntervalMs + 50;
    let removed = 0;
    for (const manager of this.registry.all()) {
      const reason = this.overdueReason(manager, atMs);
      if (reason === undefined || stalled) continue;
      removed += 1;
      void this.release(manager, reason, atMs);
    }
    this.watch.look(this.registry.all(), atMs);
    this.ledger.countSweep(atMs, removed);
  }

  /** Why a manager has to go now, if it has to. Asks the quiet ones on the way. */
  overdueReason(manager: SpecimenManager, atMs: number): string | undefined {
    const { heartbeatIntervalMs, heartbeatMisses, pendingDeadlineMs } = this.options;
    const aged = atMs - manager.createdAtMs > pendingDeadlineMs;
    if (manager.connections.size === 0) return aged ? 'never-attached' : undefined;
    if (manager.state === 'pending') return aged ? 'pending-timeout' : undefined;
    for (const connection of manager.live) {
      const quietMs = connection.quietMs(atMs);
      // Half an interval after the last question, so that the verdict falls within misses + 1 intervals.
      if (connection.askedCount >= heartbeatMisses && quietMs > heartbeatIntervalMs * (heartbeatMisses + 0.5))
        return 'silent';
      if (connection.askedCount < heartbeatMisses && quietMs > heartbeatIntervalMs * (connection.askedCount + 1))
        connection.ask();
    }
    return idleReason(manager, this.managersOf(manager.user).length === 1, atMs, this.options, this.pressure);
  }

  // — emergency —

  /** True at the start of an admission of a user who holds 80 % of the limit. */
  emergencyDue(user: string): boolean {
    const limit = this.limits.of(user);
    return limit > 0 && this.held(user) >= Math.ceil(limit * this.options.emergencyThreshold);
  }

  async runEmergencyCleanup(user?: string, wish?: EmergencyWish): Promise<EmergencyReport> {
    if (user !== undefined) return await this.#emergencies.run(user, wish);
    const startedAtMs = nowMs();
    const reports = await Promise.all([...this.registry.users.keys()].map((each) => this.#emergencies.run(each)));
    return sumReports(reports, nowMs() - startedAtMs);
  }

  planEmergency(user: string, atMs: number): EmergencyPlan {
    return planEmergency(this.managersOf(user), atMs, this.options);
  }

  // — limits of single users —

  setOverride(user: string, { maxManagers }: { readonly maxManagers: number }): void {
    this.limits.overrides.set(user, maxManagers);
  }

  clearOverride(user: string): boolean {
    return this.limits.overrides.delete(user);
  }

  overrides(): readonly UserOverride[] {
    return this.limits.list();
  }

  /** Another one like this, with other options, on which a drain or a policy can be tried. */
  rehearsal(given: RehearsalOptions): SpecimenRehearsal {
    const Kind = this.constructor as new (options: SpecimenOptions) => Specimen;
    return new SpecimenRehearsal(new Kind(rehearsalOptions(given)));
  }

  // — looking —

  usage(user: string): UserUsage {
    const limit = this.limits.of(user);
    return { ...this.registry.usage(user), held: this.held(user), limit: limit === Infinity ? false : limit };
  }

  stats(): FactoryStats {
    return readStats(this, this.#closed);
  }
}
