import type { AdmissionRequest } from './context.ts';
import type { EmergencyCleanup } from './emergency.ts';
import type { LimitPolicy } from './limit-policy.ts';
import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import type { LeaseOutcome, Leases } from './quota/leases.ts';
import type { Refusal } from './refusals.ts';

/** An attempt at the limit waits for the emergency cleanup, and this much longer than its probe at most. */
const WAIT_BEYOND_PROBE_MS = 50;

/**
 * The second half of check-and-take where many nodes share the limits: the slot is taken here, its manager is pending, and now all the others
 * have a say. What makes room at the limit of this node makes room there too, among the managers that this node has.
 */
export class SharedTaker {
  readonly #host: ManagerHost;
  readonly #emergency: EmergencyCleanup;
  readonly #limitPolicy: LimitPolicy;

  constructor(host: ManagerHost, emergency: EmergencyCleanup, limitPolicy: LimitPolicy) {
    this.#host = host;
    this.#emergency = emergency;
    this.#limitPolicy = limitPolicy;
  }

  /** Answers why not, or nothing. The manager may have ended meanwhile. */
  take(request: AdmissionRequest, manager: ManagerRecord, leases: Leases): Promise<Refusal | undefined> {
    return leases.acquire(manager).then((first) => {
      // Whoever has left meanwhile would be in emergency for ever: nothing of its own is freed any more.
      if (manager.state !== 'pending') return first.refusal;
      const cleanup = this.#cleanUp(manager, first);
      if (!isAtUserLimit(first)) return first.refusal;
      return this.#makeRoom(request, manager, leases, first, cleanup);
    });
  }

  async #makeRoom(
    request: AdmissionRequest,
    manager: ManagerRecord,
    leases: Leases,
    first: LeaseOutcome,
    cleanup: Promise<unknown> | undefined,
  ): Promise<Refusal | undefined> {
    let outcome = first;
    if (cleanup !== undefined) {
      await cleanupAtMost(this.#host, cleanup);
      outcome = await this.#again(manager, leases, outcome);
    }
    if (!isAtUserLimit(outcome) || !this.#limitPolicy.makesRoom || manager.state !== 'pending') return outcome.refusal;
    const decision = await this.#limitPolicy.decide(request);
    const { held, limit } = outcome.refusal ?? {};
    // Where more are held than may be, or who goes counts as held for longer, one that goes makes no room.
    const makesRoom = (): boolean =>
      (held ?? 0) <= (limit ?? Infinity) && this.#host.registry.hasRoomToClose(manager.user);
    if (manager.state !== 'pending' || !this.#limitPolicy.evict(manager.user, decision, makesRoom))
      return outcome.refusal;
    return (await this.#again(manager, leases, outcome)).refusal;
  }

  #cleanUp({ user }: ManagerRecord, { heldBefore }: LeaseOutcome): Promise<unknown> | undefined {
    return this.#emergency.isNear(user, heldBefore) ? this.#emergency.beforeAdmission(user, heldBefore) : undefined;
  }

  async #again(manager: ManagerRecord, leases: Leases, before: LeaseOutcome): Promise<LeaseOutcome> {
    return manager.state === 'pending' ? leases.acquire(manager, before.lease) : before;
  }
}

function isAtUserLimit({ refusal }: LeaseOutcome): boolean {
  return refusal?.reason === 'user-limit';
}

/** Waits for an emergency cleanup, as long as an attempt at the limit may. */
export function cleanupAtMost(
  { clock, options }: Pick<ManagerHost, 'clock' | 'options'>,
  cleanup: Promise<unknown>,
): Promise<unknown> {
  return new Promise((resolve) => {
    // When the loop is late, the cleanup may be due in this very turn: it goes first.
    const timer = clock.setTimeout(
      () => clock.setImmediate(() => resolve(undefined)),
      options.probeTimeoutMs + WAIT_BEYOND_PROBE_MS,
    );
    const done = (): void => {
      clock.clear(timer);
      resolve(undefined);
    };
    cleanup.then(done, done);
  });
}
