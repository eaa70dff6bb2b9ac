import { expect } from 'vitest';
import { ConnectionRecord } from '../../src/connection-record.ts';
import { createManagerFactory, type ManagerFactory } from '../../src/factory.ts';
import type { Manager } from '../../src/manager.ts';
import type { EvictionCandidate, OnLimitDecision } from '../../src/on-limit.ts';
import { NEVER } from '../factory-kit.ts';
import { FakePeer, type PeerHabits } from '../fake-peer.ts';
import { ManualClock } from '../manual-clock.ts';

const DEADLINE_MS = 500;
export const USERS = ['ada', 'bob', 'eve'] as const;
const LIMIT = 5;
const PROCESS_LIMIT = 8;
const MAX_CLOSING = 3;
const ADDRESS_LIMIT = 2;
/** Enough to choose from; older ones that have closed are forgotten, so that a long run stays quick. */
const REMEMBERED = 60;

export type Hook = 'fine' | 'throws' | 'rejects' | 'hangs' | 'late' | 'reenters';

/** A world of one factory, and what was admitted to it lately. Its model: what must hold whatever happened. */
export class World {
  readonly clock = new ManualClock();
  readonly factory: ManagerFactory;
  managers: Manager[] = [];
  peers: FakePeer[] = [];
  drained: Promise<unknown> | undefined;
  attempts: Promise<unknown>[] = [];
  heapUsedBytes = 0;
  /** What the policy at the limit does next. */
  onLimit: Hook | OnLimitDecision = 'reject';
  readonly pendingHooks: ((value: unknown) => void)[] = [];
  readonly #endedAtMs = new Map<Manager, number>();
  /** Managers that nobody and nothing has any reason to end. */
  readonly #living = new Set<Manager>();

  constructor() {
    this.factory = createManagerFactory({
      clock: this.clock,
      maxManagersPerUser: LIMIT,
      maxManagers: PROCESS_LIMIT,
      maxClosingPerUser: MAX_CLOSING,
      maxManagersPerAddress: ADDRESS_LIMIT,
      evictIdleAfterMs: 500,
      onLimit: ({ candidates }) => this.#decideAtLimit(candidates),
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
    this.factory.start();
  }

  async #decideAtLimit(candidates: readonly EvictionCandidate[]): Promise<OnLimitDecision> {
    const { onLimit } = this;
    if (typeof onLimit === 'object' || isWord(onLimit)) return onLimit;
    await this.hook(onLimit);
    return { evict: candidates[0]?.managerId ?? 'nobody' };
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
        if (manager !== undefined) this.mayEnd(manager);
        void manager?.destroy('reentered');
        this.factory.tryAdmit({ user: 'eve' }, { withoutConnection: true });
        return this.factory.runEmergencyCleanup('ada');
    }
  }

  peer(habits: PeerHabits): FakePeer {
    const peer = new FakePeer(this.factory, habits);
    this.peers.push(peer);
    if (this.peers.length > REMEMBERED) this.peers = this.peers.filter(({ connection }) => !connection.gone);
    return peer;
  }

  remember(manager: Manager): void {
    this.managers.push(manager);
    if (this.managers.length > REMEMBERED) this.managers = this.managers.filter(({ state }) => state !== 'closed');
  }

  /** From now on it must stay, unless {@link mayEnd} is said of it. */
  mustLive(manager: Manager): void {
    this.#living.add(manager);
  }

  mayEnd(manager?: Manager): void {
    if (manager === undefined) this.#living.clear();
    else this.#living.delete(manager);
  }

  mayEndOf(user: string): void {
    for (const manager of this.#living) if (manager.user === user) this.#living.delete(manager);
  }

  /** What holds after every step: limits, accounts, deadlines, and nobody living removed. */
  check(): void {
    const { created, active, pending, closing, released, connections } = this.factory.stats();
    let held = 0;
    let closingOfUsers = 0;
    const heldFrom = new Map<string, number>();
    const overrides = new Map(this.factory.overrides().map(({ user, maxManagers }) => [user, maxManagers]));
    for (const user of USERS) {
      const usage = this.factory.usage(user);
      // The bound holds for what was admitted; closing ones beyond their own bound may push the count over it afterwards.
      demand(usage.active + usage.pending <= LIMIT, `${user} holds ${usage.active + usage.pending}`);
      demand(
        usage.held ===
          usage.active + usage.pending + Math.max(0, usage.closing - Math.max(MAX_CLOSING, overrides.get(user) ?? 0)),
        `${user}: held ${usage.held} of ${JSON.stringify(usage)}`,
      );
      demand(
        this.factory.managersOf(user).length === usage.active + usage.pending,
        `${user}: managers and counts differ`,
      );
      this.#checkSessions(user, heldFrom);
      held += usage.active + usage.pending;
      closingOfUsers += usage.closing;
    }
    const { addresses } = this.factory.stats();
    demand(addresses === heldFrom.size, `${addresses} addresses are counted, ${heldFrom.size} are there`);
    for (const [address, count] of heldFrom) demand(count <= ADDRESS_LIMIT, `${count} come from ${address}`);
    demand(created === active + pending + closing + released.total, 'created = active + pending + closing + released');
    demand(active + pending <= PROCESS_LIMIT, `the process holds ${active + pending}`);
    demand(held === active + pending && closingOfUsers === closing, 'the sizes of users and of all differ');
    demand(connections >= 0, 'connections below zero');
    let reasons = 0;
    for (const count of Object.values(released.byReason)) reasons += count;
    demand(reasons === released.total, 'releases by reason and in all differ');
    this.#checkFigures();
    this.#checkDeadlines();
    for (const manager of this.#living)
      demand(manager.state === 'active', `${manager.id} lived and is ${manager.state}`);
  }

  /** What snapshots keep, beside what there is. */
  #checkFigures(): void {
    const stats = this.factory.stats();
    const held = USERS.flatMap((user) => this.factory.lookAt(user).managers).filter(({ state }) => state !== 'closing');
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
    demand(stats.oldestWithoutConnectionAgeMs === oldestOf(without), 'the oldest without connection is another');
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

  #checkDeadlines(): void {
    const nowMs = this.clock.now();
    for (const manager of this.managers) {
      if (manager.state === 'closed') {
        this.#endedAtMs.delete(manager);
      } else if (manager.state === 'closing') {
        const endedAtMs = this.#endedAtMs.get(manager) ?? nowMs;
        this.#endedAtMs.set(manager, endedAtMs);
        demand(nowMs - endedAtMs <= DEADLINE_MS, `${manager.id} has been closing for ${nowMs - endedAtMs} ms`);
      }
    }
  }

  /** Closes the factory: nothing is left of anything. */
  async end(): Promise<void> {
    this.mayEnd();
    const closed = this.factory.close();
    await this.clock.advance(DEADLINE_MS);
    await closed;
    await this.drained;
    await Promise.all(this.attempts);
    this.check();
    const { active, pending, closing, users, connections, suspicions } = this.factory.stats();
    const { standingByKind } = suspicions;
    expect([active, pending, closing, users, connections, this.clock.armed]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([standingByKind['long-lived'], standingByKind['without-connection']]).toEqual([undefined, undefined]);
  }
}

function isWord(decision: Hook | OnLimitDecision): decision is 'reject' | 'evict-idle' | 'evict-oldest' {
  return decision === 'reject' || decision === 'evict-idle' || decision === 'evict-oldest';
}

/** As `expect`, at a hundredth of its cost: there are a million steps. */
function demand(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what);
}
