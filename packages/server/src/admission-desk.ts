import type { Admission, AdmitOptions } from './admission.ts';
import type { ConnectRates } from './connect-rates.ts';
import { type AdmissionRequest, userProblem } from './context.ts';
import type { EmergencyCleanup } from './emergency.ts';
import { WatertightError } from './errors.ts';
import { CHANNELS, publish } from './events.ts';
import type { Gate } from './gate.ts';
import { reportError } from './host.ts';
import { type ManagerHost, ManagerRecord } from './manager-record.ts';
import type { LimitPolicy } from './limit-policy.ts';
import type { OnLimitDecision } from './on-limit.ts';
import { type Refusal, type RefusalReason, refuse } from './refusals.ts';
import { SharedTaker, cleanupAtMost } from './shared-taker.ts';
import { SlotTaker, TAKEN_OVER } from './slot-taker.ts';

/** The reason a manager is released with that was never admitted, because the limits that many nodes share refused it. */
const REFUSED_BY_QUOTA = 'refused-by-quota';

/** Who is asked on the road in. */
interface Advisers {
  readonly emergency: EmergencyCleanup;
  /** Only where a connect rate is limited. */
  readonly rates: ConnectRates | undefined;
  readonly limitPolicy: LimitPolicy;
  readonly gate: Gate;
}

/** The road in: connect rates → emergency → check-and-take → policy at the limit → init → commit. */
export class AdmissionDesk {
  readonly #host: ManagerHost;
  readonly #emergency: EmergencyCleanup;
  readonly #rates: ConnectRates | undefined;
  readonly #limitPolicy: LimitPolicy;
  readonly #taker: SlotTaker;
  readonly #sharedTaker: SharedTaker;

  constructor(host: ManagerHost, { emergency, rates, limitPolicy, gate }: Advisers) {
    this.#host = host;
    this.#emergency = emergency;
    this.#rates = rates;
    this.#limitPolicy = limitPolicy;
    this.#taker = new SlotTaker(host, gate);
    this.#sharedTaker = new SharedTaker(host, emergency, limitPolicy);
  }

  /** Decides at once: never waits for an emergency cleanup and evicts nobody, knows no `init`. */
  tryAdmit(request: AdmissionRequest, options: Omit<AdmitOptions, 'init'> = {}): Admission {
    const { leases, registry } = this.#host;
    if (leases !== undefined)
      throw new WatertightError('WATERTIGHT_E_SHARED_QUOTA', 'tryAdmit cannot ask other nodes; use admit');
    const tooOften = this.#rates === undefined ? undefined : this.#refusalOfRate(this.#rates, request, options);
    if (tooOften !== undefined) return this.recordRefusal(request.user, tooOften);
    const slots = registry.slotsOf(request.user);
    const held = registry.heldIn(slots);
    const isNear = this.#emergency.isNear(request.user, held);
    if (isNear) void this.#cleanUp(request.user, held);
    const taken = isNear ? this.#takeAnew(request, options) : this.#taker.take(request, options, slots, held);
    if (!(taken instanceof ManagerRecord)) return this.recordRefusal(request.user, taken);
    taken.commit();
    return { admitted: true, manager: taken };
  }

  async admit(request: AdmissionRequest, options: AdmitOptions = {}): Promise<Admission> {
    return this.decide(request, options);
  }

  /** As {@link admit}, and answers at once when nothing is to be waited for: no `init`, and no wait at the limit. */
  decide(request: AdmissionRequest, options: AdmitOptions = {}): Admission | Promise<Admission> {
    const { registry } = this.#host;
    const tooOften = this.#rates === undefined ? undefined : this.#refusalOfRate(this.#rates, request, options);
    if (tooOften !== undefined) return this.recordRefusal(request.user, tooOften);
    const slots = registry.slotsOf(request.user);
    const held = registry.heldIn(slots);
    if (!this.#emergency.isNear(request.user, held))
      return this.#concludeOrMakeRoom(request, options, this.#taker.take(request, options, slots, held));
    const cleanup = this.#cleanUp(request.user, held);
    const taken = this.#takeAnew(request, options);
    if (cleanup === undefined || taken instanceof ManagerRecord || !isLimit(taken.reason)) {
      return this.#concludeOrMakeRoom(request, options, taken);
    }
    const waited = cleanupAtMost(this.#host, cleanup);
    return waited.then(() => this.#concludeOrMakeRoom(request, options, this.#takeAnew(request, options)));
  }

  /** Over a rate, nothing else is looked at: an attempt that is refused for it has to be cheap. */
  #refusalOfRate(rates: ConnectRates, request: AdmissionRequest, { screened }: AdmitOptions): Refusal | undefined {
    if (userProblem(request.user) !== undefined) return undefined;
    return screened === true ? rates.refusalOfUser(request.user) : rates.refusalOfAttempt(request);
  }

  /** The emergency cleanup has had its turn: what is left is the policy. */
  #concludeOrMakeRoom(
    request: AdmissionRequest,
    options: AdmitOptions,
    taken: ManagerRecord | Refusal,
  ): Admission | Promise<Admission> {
    if (taken instanceof ManagerRecord || taken.reason !== 'user-limit' || !this.#limitPolicy.makesRoom)
      return this.#conclude(request, options, taken);
    const decision = this.#limitPolicy.decide(request);
    if (!(decision instanceof Promise)) return this.#makeRoom(request, options, taken, decision);
    return decision.then((decided) => {
      // Meanwhile a slot may have become free by itself.
      const takenMeanwhile = this.#takeAnew(request, options);
      if (takenMeanwhile instanceof ManagerRecord || takenMeanwhile.reason !== 'user-limit')
        return this.#conclude(request, options, takenMeanwhile);
      return this.#makeRoom(request, options, takenMeanwhile, decided);
    });
  }

  #makeRoom(
    request: AdmissionRequest,
    options: AdmitOptions,
    refusal: Refusal,
    decision: OnLimitDecision,
  ): Admission | Promise<Admission> {
    const isFree = this.#limitPolicy.evict(request.user, decision, (chosen) =>
      this.#taker.fitsInPlaceOf(chosen, request, options),
    );
    return this.#conclude(request, options, isFree ? this.#takeAnew(request, options) : refusal);
  }

  #conclude(
    request: AdmissionRequest,
    { init }: AdmitOptions,
    taken: ManagerRecord | Refusal,
  ): Admission | Promise<Admission> {
    if (!(taken instanceof ManagerRecord)) return this.recordRefusal(request.user, taken);
    const { leases } = this.#host;
    if (leases === undefined) return this.#start(taken, init);
    return this.#sharedTaker.take(request, taken, leases).then((refusal) => {
      if (taken.state !== 'pending') return this.recordRefusal(taken.user, endedDuringInit(taken));
      if (refusal === undefined) return this.#start(taken, init);
      taken.giveBack(REFUSED_BY_QUOTA);
      return this.recordRefusal(taken.user, refusal);
    });
  }

  #start(taken: ManagerRecord, init: AdmitOptions['init']): Admission | Promise<Admission> {
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
    const { registry } = this.#host;
    const slots = registry.slotsOf(request.user);
    return this.#taker.take(request, options, slots, registry.heldIn(slots));
  }

  async #init(manager: ManagerRecord, init: NonNullable<AdmitOptions['init']>): Promise<Refusal | undefined> {
    const { leftovers } = this.#host;
    const initialised = (async () =>
      leftovers === undefined ? init(manager) : leftovers.within(manager, () => init(manager)))().then(
      () => undefined,
      (error: unknown) => {
        // An init that gives up because its manager was ended is not why there is none.
        if (manager.state !== 'pending') {
          reportError(this.#host, error, 'init', manager.user);
          return endedDuringInit(manager);
        }
        manager.end('init-failed', 'destroy', this.#host.clock.now());
        return refuse('init-failed', { cause: error });
      },
    );
    const ended = manager.released.then(() => endedDuringInit(manager));
    return Promise.race([initialised, ended]);
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
  if (manager.reason === TAKEN_OVER) return refuse('taken-over');
  if (manager.reason === 'pending-timeout') return refuse('init-timeout');
  return refuse('ended-during-init', { message: `Refused: the manager was ended while init ran (${manager.reason})` });
}
