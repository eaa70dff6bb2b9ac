import type { AdmitOptions } from './admission.ts';
import { CLOSE_CODES } from './close-codes.ts';
import type { Connection } from './connection.ts';
import { assertAttachable } from './connection-record.ts';
import { type AdmissionRequest, detailProblems, userProblem } from './context.ts';
import { InvalidOptionsError } from './errors.ts';
import { CHANNELS, type EventPayloads, publishOf } from './events.ts';
import type { Gate } from './gate.ts';
import { type ManagerHost, ManagerRecord } from './manager-record.ts';
import { type Refusal, refuse } from './refusals.ts';
import type { UserSlots } from './registry.ts';
import { dueAt } from './share-of-limit.ts';

/** The reason a manager is released with when another took its session over. */
export const TAKEN_OVER = 'taken-over';

/** Check-and-take, in one synchronous stretch in which nobody else's code runs. */
export class SlotTaker {
  readonly #host: ManagerHost;
  readonly #gate: Gate;
  /** Managers of the process from which nobody new is admitted; `Infinity` without a limit. */
  readonly #fullAt: number;
  #lastSequence = 0;

  constructor(host: ManagerHost, gate: Gate) {
    this.#host = host;
    this.#gate = gate;
    const { maxManagers, overloadThreshold } = host.options;
    this.#fullAt = Math.min(maxManagers === false ? Infinity : maxManagers, dueAt(maxManagers, overloadThreshold));
  }

  /** `held` is what counts against the user now. */
  take(
    request: AdmissionRequest,
    options: AdmitOptions,
    slots: UserSlots<ManagerRecord> | undefined,
    held: number,
  ): ManagerRecord | Refusal {
    const { sessionId } = request;
    const predecessor = sessionId === undefined || sessionId === null ? undefined : this.#sessionOf(slots, request);
    const refusal = this.#check(request, options.connection, held, predecessor);
    if (refusal !== undefined) return refusal;
    return predecessor === undefined
      ? this.#insert(request, options, slots)
      : this.#takeOver(request, options, predecessor);
  }

  /** Whether the attempt would be admitted if that manager of its user made room. */
  fitsInPlaceOf(manager: ManagerRecord, request: AdmissionRequest, { connection }: AdmitOptions): boolean {
    return this.#check(request, connection, this.#host.registry.heldBy(request.user), manager) === undefined;
  }

  #takeOver(request: AdmissionRequest, options: AdmitOptions, predecessor: ManagerRecord): ManagerRecord | Refusal {
    predecessor.end(TAKEN_OVER, 'close', this.#host.clock.now(), CLOSE_CODES.takenOver);
    // Whoever listens for the end of the predecessor may have taken its slot: everything is looked at anew.
    const { registry } = this.#host;
    const slots = registry.slotsOf(request.user);
    return this.take(request, options, slots, registry.heldIn(slots));
  }

  /** The manager that this session has already. */
  #sessionOf(slots: UserSlots<ManagerRecord> | undefined, request: AdmissionRequest): ManagerRecord | undefined {
    const { sessionId } = request;
    if (typeof sessionId !== 'string') throw new InvalidOptionsError(detailProblems(request));
    if (slots === undefined || !this.#host.options.sessionTakeover) return undefined;
    let manager = slots.first;
    while (manager !== undefined && manager.sessionId !== sessionId) manager = manager.next;
    return manager;
  }

  /** Why nothing can be taken; a predecessor counts as gone where its end frees its slot at once. Short, as it stands on every road in. */
  #check(
    request: AdmissionRequest,
    connection: Connection | undefined,
    held: number,
    predecessor: ManagerRecord | undefined,
  ): Refusal | undefined {
    const { limits, registry } = this.#host;
    // Whoever holds something was looked at when it came.
    const problem = held === 0 ? userProblem(request.user) : undefined;
    if (problem !== undefined) return refuse('invalid-user', { message: `Refused: ${problem}` });
    if (this.#gate.isShut) return this.#gate.refuse();
    if (connection !== undefined) {
      if (connection.ended) return refuse('client-left');
      assertAttachable(connection);
    }
    if (held >= limits.managersOf(request.user)) {
      const refusal = this.#userIsFull(request.user, held, predecessor);
      if (refusal !== undefined) return refusal;
    }
    const others = predecessor === undefined ? registry.size : registry.size - 1;
    if (others >= this.#fullAt) return this.#processIsFull(others);
    return registry.addresses === undefined
      ? undefined
      : this.#checkAddress(request.remoteAddress ?? undefined, predecessor);
  }

  #userIsFull(user: string, held: number, predecessor: ManagerRecord | undefined): Refusal | undefined {
    const { limits, registry } = this.#host;
    const limit = limits.managersOf(user);
    if (limit === 0) return refuse('banned', { limit, held });
    if (predecessor !== undefined && held === limit && registry.hasRoomToClose(user)) return undefined;
    const message = `Refused: maximum number of managers per user reached (${limit}); the user holds ${held}`;
    return refuse('user-limit', { message, limit, held });
  }

  #processIsFull(held: number): Refusal {
    const { maxManagers } = this.#host.options;
    const limit = maxManagers === false ? Infinity : maxManagers;
    const details = { limit, held };
    if (held < limit) {
      const message = `Refused: this process holds ${held} of ${limit} managers, too many to take anybody new`;
      return refuse('overloaded', { message, ...details });
    }
    const message = `Refused: maximum number of managers of this process reached (${limit}); it holds ${held}`;
    return refuse('server-limit', { message, ...details });
  }

  #checkAddress(remoteAddress: string | undefined, predecessor: ManagerRecord | undefined): Refusal | undefined {
    const { maxManagersPerAddress } = this.#host.options;
    if (maxManagersPerAddress === false || remoteAddress === undefined) return undefined;
    const held = this.#host.registry.heldFrom(remoteAddress, predecessor);
    if (held < maxManagersPerAddress) return undefined;
    const message = `Refused: maximum number of managers per remote address reached (${maxManagersPerAddress}); it holds ${held}`;
    return refuse('address-limit', { message, limit: maxManagersPerAddress, held });
  }

  #insert(
    request: AdmissionRequest,
    { connection, init, withoutConnection }: AdmitOptions,
    slots: UserSlots<ManagerRecord> | undefined,
  ): ManagerRecord {
    const { registry, clock, tally } = this.#host;
    const nowMs = clock.now();
    this.#lastSequence += 1;
    const manager = new ManagerRecord(this.#host, this.#lastSequence, request, nowMs);
    registry.insert(manager, slots);
    if (registry.census !== undefined) registry.census.entered(manager);
    tally.created += 1;
    if (connection === undefined && withoutConnection !== true) manager.expectAttachment(nowMs);
    else if (init !== undefined) manager.limitPending(nowMs);
    if (connection !== undefined) manager.attach(connection, nowMs);
    this.#host.longLived?.admitted(manager);
    publishOf(CHANNELS['watertight:manager:created'], this.#host, manager, created);
    return manager;
  }
}

function created({ id, context }: ManagerRecord): EventPayloads['watertight:manager:created'] {
  return { managerId: id, context };
}
