import type { ReleaseReport } from '@watertight/server';
import { SpecimenAddresses } from './specimen-addresses.ts';
import { SpecimenAnswers } from './specimen-answers.ts';
import { fitted } from './specimen-close-reason.ts';
import type { SpecimenConnection } from './specimen-connection.ts';
import { SpecimenDoors } from './specimen-doors.ts';
import { EmergencyState } from './specimen-emergency-state.ts';
import { SpecimenEviction } from './specimen-eviction.ts';
import { publish } from './specimen-events.ts';
import { SpecimenIntake } from './specimen-intake.ts';
import { SpecimenLedger } from './specimen-ledger.ts';
import { SpecimenLimits } from './specimen-limits.ts';
import type { SpecimenManager } from './specimen-manager.ts';
import { SpecimenNameless } from './specimen-nameless.ts';
import { nowMs, PATIENCE_SHARE } from './specimen-options.ts';
import type { SpecimenOptions } from './specimen-options.ts';
import { SpecimenPressure } from './specimen-pressure.ts';
import { SpecimenRegistry } from './specimen-registry.ts';
import { SpecimenSending } from './specimen-sending.ts';
import { closeConnection, type FinalizerOutcome, runFinalizers, within } from './specimen-teardown.ts';
import { SpecimenWatch } from './specimen-watch.ts';

const SILENT_CODE = 4_408;
const CLOSED_CODE = 4_001;
const LOOK_AGAIN_MS = 10;

/** What a drain came to. */
export interface Drained {
  readonly managers: number;
  readonly closed: number;
  /** Closed at the end of the window although work was under way. */
  readonly hardStopped: number;
}

/** What a specimen keeps, and how it lets go of it. */
export class SpecimenRoadOut {
  readonly name: string;
  readonly options: SpecimenOptions;
  readonly registry: SpecimenRegistry;
  readonly ledger: SpecimenLedger = new SpecimenLedger();
  readonly limits: SpecimenLimits;
  readonly emergencyState: EmergencyState;
  readonly pressure: SpecimenPressure;
  readonly doors: SpecimenDoors;
  readonly eviction: SpecimenEviction;
  readonly answers: SpecimenAnswers;
  readonly nameless: SpecimenNameless;
  readonly intake: SpecimenIntake;
  readonly addresses: SpecimenAddresses = new SpecimenAddresses();
  readonly sending: SpecimenSending;
  readonly watch: SpecimenWatch;

  constructor(options: SpecimenOptions) {
    this.name = options.name;
    this.options = options;
    this.registry = new SpecimenRegistry(options.maxClosingPerUser);
    this.limits = new SpecimenLimits(options.maxManagersPerUser);
    this.emergencyState = new EmergencyState(options);
    this.pressure = new SpecimenPressure(options);
    this.doors = new SpecimenDoors(options, this.registry, this.pressure);
    this.eviction = new SpecimenEviction(options);
    this.answers = new SpecimenAnswers(options);
    this.nameless = new SpecimenNameless(options);
    this.intake = new SpecimenIntake(options);
    this.sending = new SpecimenSending(options);
    this.watch = new SpecimenWatch(options);
  }

  get heldByAll(): number {
    return this.registry.all().length;
  }

  held(user: string): number {
    return this.registry.held(user);
  }

  managersOf(user: string): readonly SpecimenManager[] {
    return this.registry.of(user);
  }

  /** Releases once: the slot is free when this returns, everybody gets the same report. */
  release(manager: SpecimenManager, reason: string, endedAtMs: number = nowMs()): Promise<ReleaseReport> {
    if (manager.releasing === undefined) {
      manager.endReason = reason;
      this.detach(manager, endedAtMs);
      if (!manager.drains || manager.inFlight === 0) manager.abort();
      manager.releasing = Promise.resolve().then(() => this.teardown(manager, reason, endedAtMs));
    }
    return manager.releasing;
  }

  detach(manager: SpecimenManager, endedAtMs: number): void {
    manager.state = 'closing';
    this.registry.detach(manager);
    this.emergencyState.freed(manager.user, this.held(manager.user), this.heldByAll);
    this.ledger.slotReusable.add(nowMs() - endedAtMs, this.options.cleanupDeadlineMs);
  }

  /** Closes the sockets and runs the finalizers beside each other; neither waits longer than the deadline. */
  async teardown(manager: SpecimenManager, reason: string, endedAtMs: number): Promise<ReleaseReport> {
    const { cleanupDeadlineMs, closeHandshakeMs, finalizerHoldMs } = this.options;
    if (manager.drains) await this.drain(manager, endedAtMs + cleanupDeadlineMs * PATIENCE_SHARE - closeHandshakeMs);
    const sockets = this.closeSockets(manager, reason).then(() => nowMs() - endedAtMs);
    const patientUntilMs = endedAtMs + cleanupDeadlineMs * PATIENCE_SHARE;
    for (const child of manager.children) if (child.closing === undefined) manager.finalizers.push(...child.finalizers);
    const own = await runFinalizers(manager, reason, patientUntilMs, finalizerHoldMs);
    const finalizers = await this.withChildren(manager, own);
    const finalizersDoneMs = nowMs() - endedAtMs;
    await this.destroyOverdue(manager, patientUntilMs);
    const socketGoneMs = manager.connections.size === 0 ? null : await sockets;
    if (socketGoneMs !== null) this.ledger.socketGone.add(socketGoneMs, cleanupDeadlineMs);
    this.ledger.finalizersDone.add(finalizersDoneMs, cleanupDeadlineMs);
    this.closed(manager, reason);
    const report: ReleaseReport = {
      managerId: manager.id,
      user: manager.user,
      reason,
      socketGoneMs,
      finalizersDoneMs,
      finalizersRun: finalizers.run,
      failed: finalizers.failed,
      overdue: finalizers.overdue,
      stuckClosing: false,
      eventLoopStalledMs: 0,
      deadlineMet: finalizers.overdue.length === 0,
    };
    this.tell(report);
    return report;
  }

  /** Waits for work in flight, and for no longer than leaves time for the rest. */
  async drain(manager: SpecimenManager, untilMs: number): Promise<void> {
    if (manager.inFlight > 0) await within(manager.worked(), untilMs - nowMs());
    manager.abort();
  }

  /** Scopes that were closing by themselves have names of their own to add. */
  async withChildren(manager: SpecimenManager, own: FinalizerOutcome): Promise<FinalizerOutcome> {
    const outcomes = [own, ...(await Promise.all(manager.children.flatMap(({ closing }) => closing ?? [])))];
    return {
      run: own.run,
      failed: outcomes.flatMap(({ failed }) => failed),
      overdue: outcomes.flatMap(({ overdue }) => overdue),
    };
  }

  tell(report: ReleaseReport): void {
    publish('watertight:manager:released', this.name, { report });
    for (const { name, registeredAt } of report.overdue) {
      const error = new Error(`finalizer ${name}, registered at ${registeredAt}, has not ended by the deadline`);
      publish('watertight:error', this.name, { stage: 'finalizer', error, user: report.user });
    }
  }

  async closeSockets(manager: SpecimenManager, reason: string): Promise<void> {
    const code = reason.endsWith('silent') ? SILENT_CODE : CLOSED_CODE;
    await Promise.all([...manager.connections].map((connection) => this.closeSocket(connection, code, reason)));
  }

  closeSocket(connection: SpecimenConnection, code: number, reason: string): Promise<void> {
    // Of a peer that is silent no answer will come.
    const handshakeMs = reason === 'silent' ? 0 : this.options.closeHandshakeMs;
    return closeConnection(connection, code, this.toldReason(reason), handshakeMs);
  }

  /** What a client is told of a reason. */
  toldReason(reason: string): string {
    return fitted(reason);
  }

  async destroyOverdue(manager: SpecimenManager, patientUntilMs: number): Promise<void> {
    for (const connection of manager.connections) {
      if (!(await within(connection.gone, patientUntilMs - nowMs()))) connection.raw.destroy();
    }
  }

  closed(manager: SpecimenManager, reason: string): void {
    manager.state = 'closed';
    manager.connections.clear();
    this.registry.forget(manager);
    this.ledger.countRelease(reason);
  }

  /** Lets nobody in any more and everybody out, one after another over a window; what others use until then is closed last. */
  async empty(windowMs: number, closeLast: readonly (() => unknown)[] = []): Promise<Drained> {
    this.doors.draining = true;
    const managers = this.registry.all();
    const lastCallMs = Math.max(0, windowMs - this.options.cleanupDeadlineMs);
    const startedAtMs = nowMs();
    const inTime = await Promise.all(
      managers.map(async (manager, index) => {
        await within(new Promise(() => {}), this.turnMs(index, managers.length, lastCallMs));
        const isDone = await this.putOff(manager, startedAtMs + lastCallMs);
        await this.release(manager, 'drained');
        return isDone;
      }),
    );
    for (const close of closeLast) await close();
    const closed = inTime.filter(Boolean).length;
    return { managers: managers.length, closed, hardStopped: managers.length - closed };
  }

  /** When the turn of one of so many comes, so that their clients do not all come back at once. */
  turnMs(index: number, count: number, lastCallMs: number): number {
    return (lastCallMs * index) / count;
  }

  /** Whoever is at work or has something to send is closed when that is done, and at the last call; answers whether it was done. */
  async putOff(manager: SpecimenManager, untilMs: number): Promise<boolean> {
    return (await this.isSent(manager, untilMs)) && (await this.isIdle(manager, untilMs));
  }

  async isIdle(manager: SpecimenManager, untilMs: number): Promise<boolean> {
    return manager.inFlight === 0 || (await within(manager.worked(), untilMs - nowMs()));
  }

  async isSent(manager: SpecimenManager, untilMs: number): Promise<boolean> {
    while (manager.unsentBytes > 0 && nowMs() < untilMs) await within(new Promise(() => {}), LOOK_AGAIN_MS);
    return manager.unsentBytes === 0;
  }

  /** Whether a frame may be sent behind what is unsent; a client that reads too slowly for it may be let go. */
  maySend(connection: SpecimenConnection, unsentBytes: number, frameBytes: number): boolean {
    const owner = this.registry.all().find((manager) => manager.connections.has(connection));
    const action = this.sending.decide(owner?.user ?? '', unsentBytes, frameBytes);
    if (action === 'terminate' && owner !== undefined) this.letGo(owner);
    return action === 'send';
  }

  /** It does not read. */
  letGo(manager: SpecimenManager): void {
    void this.release(manager, 'slow-consumer');
  }

  async closeAllForUser(user: string, reason: string = 'closed-by-server'): Promise<readonly ReleaseReport[]> {
    const closing = [...(this.registry.closing.get(user) ?? [])];
    return await Promise.all(
      [...this.managersOf(user), ...closing].map((manager) => this.closeManager(manager, reason)),
    );
  }

  /** The way out that waits for work in flight. */
  closeManager(manager: SpecimenManager, reason: string): Promise<ReleaseReport> {
    manager.drains ||= manager.releasing === undefined;
    return this.release(manager, reason);
  }
}
