import type { Manager } from '../../src/manager.ts';
import type { OnLimitDecision } from '../../src/on-limit.ts';
import type { FakePeer } from '../fake-peer.ts';
import type { ManualClock } from '../manual-clock.ts';
import { demand } from './demand.ts';
import type { ExpectedLimits } from './expected-limits.ts';

/** What deadlines are given in this world. */
export interface Terms {
  readonly deadlineMs: number;
  /** What a teardown is given once more after the loop stood still: ready finalizers have their turn before they are named. */
  readonly finalizerHoldMs: number;
  readonly releaseGraceMs: number;
  readonly evictIdleAfterMs: number;
}

/** A time, and how long the loop had stood still by then. */
interface Moment {
  readonly atMs: number;
  readonly stalledMs: number;
}

/** A session that nobody has any reason to end but those named here. */
interface Living {
  readonly manager: Manager;
  readonly peer: FakePeer | undefined;
  /** Work in flight shields it from everything. */
  readonly works: boolean;
}

/** Why managers may end, and by when they have to have ended. */
export class ExpectedEnds {
  readonly #clock: ManualClock;
  readonly #limits: ExpectedLimits;
  readonly #terms: Terms;
  readonly #living = new Map<string, Living>();
  readonly #peersOf = new Map<string, FakePeer[]>();
  readonly #createdAtMs = new Map<string, number>();
  readonly #usedAtMs = new WeakMap<FakePeer, number>();
  readonly #peerEndedAtMs = new WeakMap<FakePeer, number>();
  readonly #closingSince = new Map<string, Moment>();
  /** Those that had a connection and have none: since they were first seen so. */
  readonly #emptySince = new Map<string, Moment>();
  #stalledMs = 0;
  /** How often each way to make room was decided for, and not used. */
  readonly #evictions = { 'evicted:oldest': 0, 'evicted:idle': 0, 'evicted:chosen': 0 };
  /** Slots that forced cleanups were told to free, and have not. */
  #toBeForced = 0;

  constructor(clock: ManualClock, limits: ExpectedLimits, terms: Terms) {
    this.#clock = clock;
    this.#limits = limits;
    this.#terms = terms;
  }

  stalled(forMs: number): void {
    this.#stalledMs += forMs;
  }

  /** From now on it must stay, unless {@link mayEnd} is said of it. */
  mustLive(living: Living): void {
    this.#living.set(living.manager.id, living);
  }

  mayEnd(who: (living: Living) => boolean = () => true): void {
    for (const [id, living] of this.#living) if (who(living)) this.#living.delete(id);
  }

  created(managerId: string): void {
    this.#createdAtMs.set(managerId, this.#clock.now());
  }

  /** It has come, or sent a message. */
  used(peer: FakePeer): void {
    this.#usedAtMs.set(peer, this.#clock.now());
  }

  attached(manager: Manager, peer: FakePeer): void {
    this.#peersOf.set(manager.id, [...(this.#peersOf.get(manager.id) ?? []), peer]);
  }

  /** This world ends it now; it may have ended before. */
  peerEnds(peer: FakePeer): void {
    if (!peer.connection.ended) this.#peerEndedAtMs.set(peer, this.#clock.now());
  }

  decided(decision: OnLimitDecision): OnLimitDecision {
    if (decision === 'evict-oldest') this.#evictions['evicted:oldest'] += 1;
    else if (decision === 'evict-idle') this.#evictions['evicted:idle'] += 1;
    else if (decision !== 'reject') this.#evictions['evicted:chosen'] += 1;
    return decision;
  }

  mayForce(count: number): void {
    this.#toBeForced += count;
  }

  closing(managerId: string, user: string, reason: string, held: number): void {
    this.#closingSince.set(managerId, this.#moment());
    this.#checkReason(managerId, reason);
    if (reason === 'emergency:forced') {
      this.#toBeForced -= 1;
      demand(this.#toBeForced >= 0, `${managerId} was forced out, and no room was needed`);
    } else if (isEviction(reason)) {
      this.#evictions[reason] -= 1;
      demand(this.#evictions[reason] >= 0, `${managerId} is ${reason}, which was not decided`);
      demand(held < this.#limits.of(user), `${managerId} was evicted for nobody: ${user} still holds ${held}`);
      const idleForMs = this.#idleForMs(managerId);
      const mayBeChosen = reason !== 'evicted:idle' || idleForMs >= this.#terms.evictIdleAfterMs;
      demand(mayBeChosen, `${managerId} was evicted as idle after ${idleForMs} ms`);
    }
    if (BY_PEERS.has(reason)) this.#checkGrace(managerId, reason);
  }

  released(managerId: string, user: string, reason: string, held: number): void {
    // What has nothing to let go of is never closing.
    if (!this.#closingSince.has(managerId)) this.closing(managerId, user, reason, held);
    this.#checkDeadline(managerId);
    this.#closingSince.delete(managerId);
    this.#createdAtMs.delete(managerId);
    this.#peersOf.delete(managerId);
    this.#emptySince.delete(managerId);
  }

  check(): void {
    for (const managerId of this.#closingSince.keys()) this.#checkDeadline(managerId);
    for (const { manager } of this.#living.values())
      demand(manager.state === 'active', `${manager.id} lived and is ${manager.state}`);
  }

  /** One that holds a slot: without any of the connections it had it is kept for its grace and no longer. */
  checkHeld(managerId: string): void {
    if (!this.#isEmpty(managerId)) {
      this.#emptySince.delete(managerId);
      return;
    }
    const since = this.#emptySince.get(managerId) ?? this.#moment();
    this.#emptySince.set(managerId, since);
    const ranMs = this.#ranMs(since);
    demand(ranMs <= this.#terms.releaseGraceMs, `${managerId} has been without connection for ${ranMs} ms`);
  }

  #checkReason(managerId: string, reason: string): void {
    const living = this.#living.get(managerId);
    if (living === undefined) return;
    demand(!living.works, `${managerId} worked and ended: ${reason}`);
    demand(isEviction(reason) || reason === 'emergency:forced', `${managerId} lived and ended: ${reason}`);
    this.#living.delete(managerId);
  }

  /** It ends because its connections have: all of them, and neither before nor after its grace. */
  #checkGrace(managerId: string, reason: string): void {
    demand(this.#isEmpty(managerId), `${managerId} ends as ${reason} and has connections`);
    const { releaseGraceMs } = this.#terms;
    const emptyForMs = this.#clock.now() - this.#lastPeerEndedAtMs(managerId);
    demand(emptyForMs >= releaseGraceMs, `${managerId} ends as ${reason} ${emptyForMs} ms after its last connection`);
    const since = this.#emptySince.get(managerId);
    const ranMs = since === undefined ? 0 : this.#ranMs(since);
    demand(ranMs <= releaseGraceMs, `${managerId} ends as ${reason} ${ranMs} ms after its last connection`);
  }

  #isEmpty(managerId: string): boolean {
    return this.#peersOf.get(managerId)?.every(({ connection }) => connection.ended) === true;
  }

  #checkDeadline(managerId: string): void {
    const since = this.#closingSince.get(managerId);
    if (since === undefined) return;
    const { deadlineMs, finalizerHoldMs } = this.#terms;
    const ranMs = this.#ranMs(since);
    const allowedMs = deadlineMs + (since.stalledMs === this.#stalledMs ? 0 : finalizerHoldMs);
    demand(ranMs <= allowedMs, `${managerId} has been closing for ${ranMs} of ${allowedMs} ms`);
  }

  /** Since a message on any connection it still has. */
  #idleForMs(managerId: string): number {
    const peers = (this.#peersOf.get(managerId) ?? []).filter(({ connection }) => !connection.gone);
    const usedAtMs = peers.map((peer) => this.#usedAtMs.get(peer) ?? 0);
    return this.#clock.now() - Math.max(this.#createdAtMs.get(managerId) ?? 0, ...usedAtMs);
  }

  #lastPeerEndedAtMs(managerId: string): number {
    const peers = this.#peersOf.get(managerId) ?? [];
    return Math.max(
      -Infinity,
      ...peers.map((peer) => this.#peerEndedAtMs.get(peer) ?? peer.destroyedAtMs ?? -Infinity),
    );
  }

  #moment(): Moment {
    return { atMs: this.#clock.now(), stalledMs: this.#stalledMs };
  }

  /** For how long anything could run. */
  #ranMs({ atMs, stalledMs }: Moment): number {
    return this.#clock.now() - atMs - (this.#stalledMs - stalledMs);
  }
}

/** Ends that come of the last connection. */
const BY_PEERS: ReadonlySet<string> = new Set(['client-close', 'client-error', 'silent', 'slow-consumer']);

function isEviction(reason: string): reason is 'evicted:oldest' | 'evicted:idle' | 'evicted:chosen' {
  return reason === 'evicted:oldest' || reason === 'evicted:idle' || reason === 'evicted:chosen';
}
