import type { Admission, AdmitOptions } from './admission.ts';
import { type AdmissionRequest, userProblem } from './context.ts';
import { dueAt, type EmergencyCleanup } from './emergency.ts';
import { CHANNELS, publish } from './events.ts';
import type { Gate } from './gate.ts';
import { reportError } from './host.ts';
import { assertAttachable } from './connection-record.ts';
import { type ManagerHost, ManagerRecord } from './manager-record.ts';
import { type Refusal, type RefusalReason, refuse } from './refusals.ts';
import type { Slots } from './registry.ts';

/** An attempt at the limit waits for the emergency cleanup, and this much longer than its probe at most. */
const WAIT_BEYOND_PROBE_MS = 50;

/** The road in: emergency → check-and-take → init → commit. */
export class AdmissionDesk {
  readonly #host: ManagerHost;
  readonly #emergency: EmergencyCleanup;
  readonly #gate: Gate;
  /** Managers of the process from which nobody new is admitted; `Infinity` without a limit. */
  readonly #overloadedAt: number;
  #lastSequence = 0;

  constructor(host: ManagerHost, emergency: EmergencyCleanup, gate: Gate) {
    this.#host = host;
    this.#emergency = emergency;
    this.#gate = gate;
    const { maxManagers, overloadThreshold } = host.options;
    this.#overloadedAt = dueAt(maxManagers, overloadThreshold);
  }

  /** Decides at once: never waits for an emergency cleanup, knows no `init`. */
  tryAdmit(request: AdmissionRequest, options: Omit<AdmitOptions, 'init'> = {}): Admission {
    const { registry } = this.#host;
    const slots = registry.slotsOf(request.user);
    const held = registry.heldIn(slots, request.user);
    const isNear = this.#emergency.isNear(held);
    if (isNear) void this.#cleanUp(request.user, held);
    const taken = isNear ? this.#takeAnew(request, options) : this.#take(request, options, slots);
    if (!(taken instanceof ManagerRecord)) return this.recordRefusal(request.user, taken);
    taken.commit();
    return { admitted: true, manager: taken };
  }

  async admit(request: AdmissionRequest, options: AdmitOptions = {}): Promise<Admission> {
    return this.decide(request, options);
  }

  /** As {@link admit}, and answers at once when nothing is to be waited for: no `init`, and no emergency cleanup at the limit. */
  decide(request: AdmissionRequest, options: AdmitOptions = {}): Admission | Promise<Admission> {
    const { registry } = this.#host;
    const slots = registry.slotsOf(request.user);
    const held = registry.heldIn(slots, request.user);
    if (!this.#emergency.isNear(held)) return this.#conclude(request, options, this.#take(request, options, slots));
    const cleanup = this.#cleanUp(request.user, held);
    const taken = this.#takeAnew(request, options);
    if (cleanup === undefined || taken instanceof ManagerRecord || !isLimit(taken.reason)) {
      return this.#conclude(request, options, taken);
    }
    const waited = this.#atMost(cleanup, this.#host.options.probeTimeoutMs + WAIT_BEYOND_PROBE_MS);
    return waited.then(() => this.#conclude(request, options, this.#takeAnew(request, options)));
  }

  #conclude(
    request: AdmissionRequest,
    { init }: AdmitOptions,
    taken: ManagerRecord | Refusal,
  ): Admission | Promise<Admission> {
    if (!(taken instanceof ManagerRecord)) return this.recordRefusal(request.user, taken);
    if (init === undefined) return this.#commit(taken, undefined);
    return this.#init(taken, init).then((failure) => this.#commit(taken, failure));
  }

  #commit(manager: ManagerRecord, failure: Refusal | undefined): Admission {
    if (failure === undefined && manager.commit()) return { admitted: true, manager };
    return this.recordRefusal(manager.user, failure ?? endedDuringInit(manager));
  }

  /** Starts the emergency cleanups that are due before an admission; answers those that may free a slot for it. */
  #cleanUp(user: string, held: number): Promise<unknown> | undefined {
    // A user id that will be refused starts nothing.
    const isRefused = held === 0 && userProblem(user) !== undefined;
    return isRefused ? undefined : this.#emergency.beforeAdmission(user, held);
  }

  /** A run removes the dead before it waits for anything, so the slots are looked up anew. */
  #takeAnew(request: AdmissionRequest, options: AdmitOptions): ManagerRecord | Refusal {
    return this.#take(request, options, this.#host.registry.slotsOf(request.user));
  }

  /** Check-and-take: one synchronous stretch in which nobody else's code runs. */
  #take(
    request: AdmissionRequest,
    { connection, init, withoutConnection }: AdmitOptions,
    slots: Slots<ManagerRecord> | undefined,
  ): ManagerRecord | Refusal {
    const { options, registry, clock, tally } = this.#host;
    const held = registry.heldIn(slots, request.user);
    // Whoever holds something was looked at when it came.
    const problem = held === 0 ? userProblem(request.user) : undefined;
    if (problem !== undefined) return refuse('invalid-user', { message: `Refused: ${problem}` });
    if (this.#gate.isShut) return this.#gate.refuse();
    if (connection?.ended === true) return refuse('client-left');
    if (connection !== undefined) assertAttachable(connection);
    const { maxManagersPerUser, maxManagers } = options;
    if (maxManagersPerUser !== false && held >= maxManagersPerUser) {
      const message = `Refused: maximum number of managers per user reached (${maxManagersPerUser}); the user holds ${held}`;
      return refuse('user-limit', { message, limit: maxManagersPerUser, held });
    }
    if (registry.size >= this.#overloadedAt && maxManagers !== false && registry.size < maxManagers) {
      const message = `Refused: this process holds ${registry.size} of ${maxManagers} managers, too many to take anybody new`;
      return refuse('overloaded', { message, limit: maxManagers, held: registry.size });
    }
    if (maxManagers !== false && registry.size >= maxManagers) {
      const message = `Refused: maximum number of managers of this process reached (${maxManagers}); it holds ${registry.size}`;
      return refuse('server-limit', { message, limit: maxManagers, held: registry.size });
    }
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

  async #init(manager: ManagerRecord, init: NonNullable<AdmitOptions['init']>): Promise<Refusal | undefined> {
    const { leftovers } = this.#host;
    const initialised = (async () =>
      leftovers === undefined ? init(manager) : leftovers.within(manager, () => init(manager)))().then(
      () => undefined,
      (error: unknown) => {
        if (manager.state !== 'pending') reportError(this.#host, error, 'init', manager.user);
        manager.end('init-failed', 'destroy', this.#host.clock.now());
        return refuse('init-failed', { cause: error });
      },
    );
    const ended = manager.released.then(() => endedDuringInit(manager));
    return Promise.race([initialised, ended]);
  }

  #atMost(work: Promise<unknown>, delayMs: number): Promise<unknown> {
    const { clock } = this.#host;
    return new Promise((resolve) => {
      // When the loop is late, the cleanup may be due in this very turn: it goes first.
      const timer = clock.setTimeout(() => clock.setImmediate(() => resolve(undefined)), delayMs);
      const done = (): void => {
        clock.clear(timer);
        resolve(undefined);
      };
      work.then(done, done);
    });
  }

  /** Counts and publishes one refused attempt. */
  recordRefusal(user: string, refusal: Refusal): Refusal {
    this.#host.tally.countRefusal(refusal.reason);
    publish(CHANNELS['watertight:admission:refused'], this.#host, () => ({ user, refusal }));
    return refusal;
  }
}

function isLimit(reason: RefusalReason): boolean {
  return reason === 'user-limit' || reason === 'server-limit' || reason === 'overloaded';
}

/** Why a manager that was pending is not any more. */
function endedDuringInit(manager: ManagerRecord): Refusal {
  if (manager.reason === 'left-during-init') return refuse('client-left');
  if (manager.reason === 'pending-timeout') return refuse('init-timeout');
  return refuse('ended-during-init', { message: `Refused: the manager was ended while init ran (${manager.reason})` });
}
