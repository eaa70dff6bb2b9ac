import type { AdmitOptions } from './admission.ts';
import { CLOSE_CODES } from './close-codes.ts';
import { assertAttachable } from './connection-record.ts';
import { type AdmissionRequest, userProblem } from './context.ts';
import { dueAt } from './emergency.ts';
import { CHANNELS, publish } from './events.ts';
import type { Gate } from './gate.ts';
import { type ManagerHost, ManagerRecord } from './manager-record.ts';
import { type Refusal, refuse } from './refusals.ts';
import type { Slots } from './registry.ts';

/** The reason a manager is released with when another took its session over. */
export const TAKEN_OVER = 'taken-over';

/** Check-and-take, in one synchronous stretch in which nobody else's code runs. */
export class SlotTaker {
  readonly #host: ManagerHost;
  readonly #gate: Gate;
  /** Managers of the process from which nobody new is admitted; `Infinity` without a limit. */
  readonly #overloadedAt: number;
  #lastSequence = 0;

  constructor(host: ManagerHost, gate: Gate) {
    this.#host = host;
    this.#gate = gate;
    const { maxManagers, overloadThreshold } = host.options;
    this.#overloadedAt = dueAt(maxManagers, overloadThreshold);
  }

  take(
    request: AdmissionRequest,
    options: AdmitOptions,
    slots: Slots<ManagerRecord> | undefined,
  ): ManagerRecord | Refusal {
    const predecessor = request.sessionId === undefined ? undefined : this.#sessionOf(slots, request.sessionId);
    const refusal = this.#check(request, options, slots, predecessor);
    if (refusal !== undefined) return refusal;
    if (predecessor === undefined) return this.#insert(request, options, slots);
    predecessor.end(TAKEN_OVER, 'close', this.#host.clock.now(), CLOSE_CODES.takenOver);
    // Whoever listens for the end of the predecessor may have taken its slot: everything is looked at anew.
    return this.take(request, options, this.#host.registry.slotsOf(request.user));
  }

  /** The manager that this session has already. */
  #sessionOf(slots: Slots<ManagerRecord> | undefined, sessionId: string): ManagerRecord | undefined {
    if (slots === undefined || !this.#host.options.sessionTakeover) return undefined;
    for (const manager of slots.values()) if (manager.sessionId === sessionId) return manager;
    return undefined;
  }

  /** Why nothing can be taken; a predecessor counts as gone where its end frees its slot at once. */
  #check(
    { user, remoteAddress }: AdmissionRequest,
    { connection }: AdmitOptions,
    slots: Slots<ManagerRecord> | undefined,
    predecessor: ManagerRecord | undefined,
  ): Refusal | undefined {
    const { limits, options, registry } = this.#host;
    const held = registry.heldIn(slots, user);
    // Whoever holds something was looked at when it came.
    const problem = held === 0 ? userProblem(user) : undefined;
    if (problem !== undefined) return refuse('invalid-user', { message: `Refused: ${problem}` });
    if (this.#gate.isShut) return this.#gate.refuse();
    if (connection?.ended === true) return refuse('client-left');
    if (connection !== undefined) assertAttachable(connection);
    const freed = predecessor === undefined ? 0 : 1;
    const limit = limits.managersOf(user);
    if (held >= limit) {
      if (limit === 0) return refuse('banned', { limit, held });
      if (freed === 0 || held > limit || !registry.hasRoomToClose(user)) return userLimitReached(limit, held);
    }
    const { maxManagers, maxManagersPerAddress } = options;
    if (maxManagers !== false && registry.size - freed >= maxManagers) {
      const message = `Refused: maximum number of managers of this process reached (${maxManagers}); it holds ${registry.size}`;
      return refuse('server-limit', { message, limit: maxManagers, held: registry.size });
    }
    if (maxManagers !== false && registry.size - freed >= this.#overloadedAt) {
      const message = `Refused: this process holds ${registry.size} of ${maxManagers} managers, too many to take anybody new`;
      return refuse('overloaded', { message, limit: maxManagers, held: registry.size });
    }
    if (maxManagersPerAddress === false || remoteAddress === undefined) return undefined;
    const heldFrom = registry.heldFrom(remoteAddress, predecessor);
    if (heldFrom < maxManagersPerAddress) return undefined;
    const message = `Refused: maximum number of managers per remote address reached (${maxManagersPerAddress}); it holds ${heldFrom}`;
    return refuse('address-limit', { message, limit: maxManagersPerAddress, held: heldFrom });
  }

  #insert(
    request: AdmissionRequest,
    { connection, init, withoutConnection }: AdmitOptions,
    slots: Slots<ManagerRecord> | undefined,
  ): ManagerRecord {
    const { registry, clock, tally } = this.#host;
    const nowMs = clock.now();
    this.#lastSequence += 1;
    const manager = new ManagerRecord(this.#host, this.#lastSequence, request, nowMs);
    registry.insert(manager, slots);
    tally.created += 1;
    if (connection === undefined && withoutConnection !== true) manager.expectAttachment(nowMs);
    else if (init !== undefined) manager.limitPending(nowMs);
    if (connection !== undefined) manager.attach(connection, nowMs);
    this.#host.longLived?.admitted(manager);
    publish(CHANNELS['watertight:manager:created'], this.#host, () => ({
      managerId: manager.id,
      context: manager.context,
    }));
    return manager;
  }
}

function userLimitReached(limit: number, held: number): Refusal {
  const message = `Refused: maximum number of managers per user reached (${limit}); the user holds ${held}`;
  return refuse('user-limit', { message, limit, held });
}
