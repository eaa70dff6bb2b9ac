import { expect } from 'vitest';
import type { Admission, AdmitOptions } from '../../src/admission.ts';
import { ConnectionRecord } from '../../src/connection-record.ts';
import type { AdmissionRequest } from '../../src/context.ts';
import { createManagerFactory } from '../../src/factory.ts';
import type { ManagerFactory } from '../../src/manager-factory.ts';
import type { Manager } from '../../src/manager.ts';
import type { EvictionCandidate, OnLimitDecision } from '../../src/on-limit.ts';
import { NEVER } from '../factory-kit.ts';
import { FakePeer, type PeerHabits } from '../fake-peer.ts';
import { ManualClock } from '../manual-clock.ts';
import { type Conditions, optionsOf } from './conditions.ts';
import { demand } from './demand.ts';
import { ExpectedEnds } from './expected-ends.ts';
import { ExpectedLimits } from './expected-limits.ts';
import { demandAsExpected, ExpectedRates, type ExpectedRefusal } from './expected-rates.ts';
import { FactoryEvents } from './factory-events.ts';

const DEADLINE_MS = 500;
export const USERS = ['ada', 'bob', 'eve'] as const;
const LIMIT = 5;
const PROCESS_LIMIT = 8;
const MAX_CLOSING = 3;
const ADDRESS_LIMIT = 2;
const EVICT_IDLE_AFTER_MS = 1500;
const FINALIZER_HOLD_MS = 100;
/** Enough to choose from; older ones that have closed are forgotten, so that a long run stays quick. */
const REMEMBERED = 60;

export type Hook = 'fine' | 'throws' | 'rejects' | 'hangs' | 'late' | 'reenters';

/** A world of one factory, and what was admitted to it lately. Its model: what must hold whatever happened. */
export class World {
  /** Events go by the name of their factory. */
  static #worlds = 0;

  readonly clock = new ManualClock();
  readonly factory: ManagerFactory;
  readonly limits: ExpectedLimits;
  readonly ends: ExpectedEnds;
  managers: Manager[] = [];
  peers: FakePeer[] = [];
  drained: Promise<unknown> | undefined;
  heapUsedBytes = 0;
  /** What the policy at the limit does next. */
  onLimit: Hook | OnLimitDecision = 'reject';
  readonly pendingHooks: ((value: unknown) => void)[] = [];
  readonly #rates: ExpectedRates;
  readonly #events: FactoryEvents;
  #attempts: Promise<unknown>[] = [];

  constructor(conditions: Conditions) {
    World.#worlds += 1;
    const name = `world ${World.#worlds}`;
    this.factory = createManagerFactory({
      ...optionsOf(conditions),
      name,
      clock: this.clock,
      maxManagersPerUser: LIMIT,
      maxManagers: PROCESS_LIMIT,
      maxClosingPerUser: MAX_CLOSING,
      maxManagersPerAddress: ADDRESS_LIMIT,
      evictIdleAfterMs: EVICT_IDLE_AFTER_MS,
      finalizerHoldMs: FINALIZER_HOLD_MS,
      onLimit: async ({ candidates }) => this.ends.decided(await this.#decideAtLimit(candidates)),
      maxConnectionsPerManager: 2,
      heartbeatIntervalMs: 1000,
      pendingDeadlineMs: 2000,
      sweepIntervalMs: 3000,
      warnAfterMs: 4000,
      maxHeapBytes: 100,
      maxBufferedBytes: 1000,
      onSlowConsumer: 'drop',
      readGauges: () => ({ heapUsedBytes: this.heapUsedBytes, eventLoopDelayMs: 0 }),
      onError: () => undefined,
    });
    this.#rates = new ExpectedRates(conditions.rates);
    this.limits = new ExpectedLimits(this.factory, { limit: LIMIT, maxClosing: MAX_CLOSING });
    this.ends = new ExpectedEnds(this.clock, this.limits, {
      deadlineMs: DEADLINE_MS,
      finalizerHoldMs: FINALIZER_HOLD_MS,
      releaseGraceMs: conditions.releaseGraceMs,
      evictIdleAfterMs: EVICT_IDLE_AFTER_MS,
    });
    this.#events = this.#listenTo(name);
    this.factory.start();
  }

  #listenTo(name: string): FactoryEvents {
    const { factory, limits, ends } = this;
    return new FactoryEvents(name, {
      'watertight:manager:created': ({ managerId, context }) => {
        ends.created(managerId);
        limits.admitted(context.user);
      },
      'watertight:admission:refused': ({ user, refusal }) => limits.refused(user, refusal),
      'watertight:manager:closing': ({ managerId, user, reason }) =>
        ends.closing(managerId, user, reason, factory.usage(user).held),
      'watertight:manager:released': ({ report: { managerId, user, reason } }) =>
        ends.released(managerId, user, reason, factory.usage(user).held),
    });
  }

  async #decideAtLimit(candidates: readonly EvictionCandidate[]): Promise<OnLimitDecision> {
    const { onLimit } = this;
    if (typeof onLimit === 'object' || isWord(onLimit)) return onLimit;
    await this.hook(onLimit);
    return { evict: candidates[0]?.managerId ?? 'nobody' };
  }

  /** Decided at once, or refused. */
  tryAdmit(request: AdmissionRequest, options: Omit<AdmitOptions, 'init'>): Admission {
    const expected = this.#rates.attempt(request, this.clock.now());
    const admission = this.factory.tryAdmit(request, options);
    this.#judge(expected, admission);
    return admission;
  }

  admit(request: AdmissionRequest, options: AdmitOptions): void {
    const expected = this.#rates.attempt(request, this.clock.now());
    const attempt = this.factory.admit(request, options);
    this.#attempts.push(attempt.then((admission) => this.#judge(expected, admission)));
  }

  #judge(expected: ExpectedRefusal | undefined, admission: Admission): void {
    this.#events.guard(() => demandAsExpected(expected, admission.admitted ? undefined : admission));
  }

  /** What a hook of a user does, at its worst. */
  hook(kind: Hook, manager?: Manager): unknown {
    switch (kind) {
      case 'fine':
        return undefined;
      case 'throws':
        throw new Error('hook threw');
      case 'rejects':
        return Promise.reject(new Error('hook rejected'));
      case 'hangs':
        return NEVER;
      case 'late':
        return new Promise((resolve) => this.pendingHooks.push(resolve));
      case 'reenters':
        void manager?.destroy('reentered');
        this.tryAdmit({ user: 'eve' }, { withoutConnection: true });
        return this.factory.runEmergencyCleanup('ada');
    }
  }

  peer(habits: PeerHabits): FakePeer {
    const peer = new FakePeer(this.factory, habits);
    this.ends.used(peer);
    this.peers.push(peer);
    if (this.peers.length > REMEMBERED) this.peers = this.peers.filter(({ connection }) => !connection.gone);
    return peer;
  }

  remember(manager: Manager, peer?: FakePeer): void {
    if (peer !== undefined) this.ends.attached(manager, peer);
    this.managers.push(manager);
    if (this.managers.length > REMEMBERED) this.managers = this.managers.filter(({ state }) => state !== 'closed');
  }

  /** The event loop stands still; what is late by then has its turn when time moves on. */
  stall(forMs: number): void {
    this.clock.stall(forMs);
    this.ends.stalled(forMs);
  }

  /** What holds after every step: limits, accounts, deadlines, and nobody living removed. */
  check(): void {
    if (this.#events.problem !== undefined) throw this.#events.problem;
    const { created, active, pending, closing, released, connections, addresses } = this.factory.stats();
    let held = 0;
    let closingOfUsers = 0;
    const heldFrom = new Map<string, number>();
    for (const user of USERS) {
      const usage = this.factory.usage(user);
      this.limits.check(usage);
      demand(
        this.factory.managersOf(user).length === usage.active + usage.pending,
        `${user}: managers and counts differ`,
      );
      this.#checkSessions(user, heldFrom);
      held += usage.active + usage.pending;
      closingOfUsers += usage.closing;
    }
    demand(addresses === heldFrom.size, `${addresses} addresses are counted, ${heldFrom.size} are there`);
    for (const [address, count] of heldFrom) demand(count <= ADDRESS_LIMIT, `${count} come from ${address}`);
    demand(created === active + pending + closing + released.total, 'created = active + pending + closing + released');
    demand(created === this.limits.created, `${created} were created, ${this.limits.created} were told of`);
    demand(active + pending <= PROCESS_LIMIT, `the process holds ${active + pending}`);
    demand(held === active + pending && closingOfUsers === closing, 'the sizes of users and of all differ');
    demand(connections >= 0, 'connections below zero');
    let reasons = 0;
    for (const count of Object.values(released.byReason)) reasons += count;
    demand(reasons === released.total, 'releases by reason and in all differ');
    this.#checkFigures();
    this.ends.check();
  }

  /** What snapshots keep, beside what there is. */
  #checkFigures(): void {
    const stats = this.factory.stats();
    const held = USERS.flatMap((user) => this.factory.lookAt(user).managers).filter(({ state }) => state !== 'closing');
    for (const { id } of held) this.ends.checkHeld(id);
    const without = held.filter(({ connections }) => connections === 0);
    const oldestOf = (managers: readonly { readonly ageMs: number }[]): number | null =>
      managers.length === 0 ? null : Math.max(...managers.map(({ ageMs }) => ageMs));
    const open = this.peers.filter(
      ({ connection }) =>
        connection instanceof ConnectionRecord &&
        connection.owner !== undefined &&
        connection.owner.state !== 'closed' &&
        !connection.gone,
    );
    demand(stats.pending === held.filter(({ state }) => state === 'pending').length, `${stats.pending} are pending`);
    demand(stats.connections === open.length, `${stats.connections} connections, ${open.length} are open`);
    demand(stats.withoutConnection === without.length, `${stats.withoutConnection} without, ${without.length} are`);
    demand(stats.oldestAgeMs === oldestOf(held), `the oldest is ${stats.oldestAgeMs} ms old`);
    const { oldestWithoutConnectionAgeMs: longestMs } = stats;
    demand((longestMs === null) === (without.length === 0), `without a connection for ${longestMs} ms`);
    demand((longestMs ?? 0) <= (oldestOf(without) ?? 0), `one was without a connection before it was made`);
  }

  /** No session twice, and how many come from where. */
  #checkSessions(user: string, heldFrom: Map<string, number>): void {
    const sessions = new Set<string>();
    for (const { context } of this.factory.managersOf(user)) {
      const { sessionId, remoteAddress } = context;
      if (sessionId !== undefined) {
        demand(!sessions.has(sessionId), `${user} holds session ${sessionId} twice`);
        sessions.add(sessionId);
      }
      if (remoteAddress !== undefined) heldFrom.set(remoteAddress, (heldFrom.get(remoteAddress) ?? 0) + 1);
    }
  }

  /** Closes the factory: nothing is left of anything. */
  async end(): Promise<void> {
    this.ends.mayEnd();
    this.limits.isShut = true;
    const closed = this.factory.close();
    await this.clock.advance(DEADLINE_MS);
    await closed;
    await this.drained;
    await Promise.all(this.#attempts);
    this.check();
    const { active, pending, closing, users, connections, suspicions } = this.factory.stats();
    const { standingByKind } = suspicions;
    expect([active, pending, closing, users, connections, this.clock.armed]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([standingByKind['long-lived'], standingByKind['without-connection']]).toEqual([undefined, undefined]);
  }

  /** Whatever became of the run. */
  dispose(): void {
    this.#events.stop();
  }
}

function isWord(decision: Hook | OnLimitDecision): decision is 'reject' | 'evict-idle' | 'evict-oldest' {
  return decision === 'reject' || decision === 'evict-idle' || decision === 'evict-oldest';
}
