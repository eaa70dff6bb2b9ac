import { randomBytes } from 'node:crypto';

import type { Admission, AdmitOptions } from './admission.ts';
import { AddressBook } from './address-book.ts';
import { AdmissionDesk } from './admission-desk.ts';
import { announced } from './announced.ts';
import type { Clock } from './clock.ts';
import { CLOSE_CODES } from './close-codes.ts';
import { reasonOr } from './close-reason.ts';
import type { Connection, Transport } from './connection.ts';
import { ConnectionRecord } from './connection-record.ts';
import { ConnectRates } from './connect-rates.ts';
import type { AdmissionRequest } from './context.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { Leftovers } from './development/leftovers.ts';
import { Drain } from './drain.ts';
import { type DrainOptions, resolveDrainOptions } from './drain-options.ts';
import type { DrainReport } from './drain-report.ts';
import { endAll } from './end-all.ts';
import { EmergencyCleanup } from './emergency.ts';
import type { EmergencyPreview, EmergencyReport } from './emergency-report.ts';
import { type EmergencyRequest, problemsOfRequest } from './emergency-request.ts';
import { AdmissionRefusedError, InvalidOptionsError, UserLimitReachedError } from './errors.ts';
import { Gate } from './gate.ts';
import { throwIfNoOptions } from './given-options.ts';
import { reportError } from './host.ts';
import { IdleWatch } from './idle-watch.ts';
import { LongLived } from './long-lived.ts';
import type { Manager } from './manager.ts';
import type { ManagerFactory } from './manager-factory.ts';
import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import { LimitPolicy } from './limit-policy.ts';
import { listUsers } from './list-users.ts';
import { lookAtUser } from './look-at-user.ts';
import type { ErrorStage, ManagerFactoryOptions, ResolvedOptions } from './options.ts';
import { registerFactory, unregisterFactory } from './process-registry.ts';
import { Pressure } from './pressure.ts';
import { LeaseKeeper } from './quota/lease-keeper.ts';
import { type SharedQuota, sharedQuota } from './quota/shared.ts';
import type { Refusal } from './refusals.ts';
import { Registry } from './registry.ts';
import { resolveOptions } from './resolve-options.ts';
import { SlowConsumers } from './slow-consumers.ts';
import { takeSnapshot, usageOf } from './snapshot.ts';
import type { EarlyBounds, FactoryStats, RefusalBounds, UserUsage } from './stats.ts';
import { awakeDuring } from './stay-awake.ts';
import { Suspicions } from './suspicions.ts';
import { Sweep } from './sweep.ts';
import { Tally } from './tally.ts';
import { UserLimits, type UserOverride } from './user-limits.ts';
import type { UserList, UserListQuery } from './user-list.ts';
import type { UserLook } from './user-look.ts';
import type { ReleaseReport } from './release-report.ts';

/**
 * Makes a factory.
 *
 * ```js
 * import { createManagerFactory } from '@watertight/server';
 *
 * const factory = createManagerFactory({ maxManagersPerUser: 20 });
 * const admission = factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
 * if (admission.admitted) await admission.manager.close();
 * await factory.close();
 * ```
 *
 * @throws InvalidOptionsError naming every problem at once.
 */
export function createManagerFactory(options?: ManagerFactoryOptions): ManagerFactory {
  return new Factory(options);
}

class Factory implements ManagerFactory {
  readonly #host: ManagerHost;
  readonly #desk: AdmissionDesk;
  readonly #emergency: EmergencyCleanup;
  readonly #sweep: Sweep;
  readonly #pressure: Pressure;
  readonly #idleWatch: IdleWatch;
  readonly #longLived: LongLived | undefined;
  readonly #rates: ConnectRates | undefined;
  readonly #limitPolicy: LimitPolicy;
  readonly #leases: LeaseKeeper | undefined;
  readonly shared: SharedQuota | undefined;
  readonly #gate = new Gate();
  #warned = false;
  #closed: Promise<void> | undefined;
  #drain: Drain | undefined;
  #drained: Promise<DrainReport> | undefined;

  constructor(given: ManagerFactoryOptions | undefined, isListed = true) {
    const {
      options,
      hooks: { onSlowConsumer, quota, ...hooks },
    } = resolveOptions(given);
    const suspicions = new Suspicions({ options, clock: hooks.clock });
    const deadlines = new DeadlineQueue(hooks.clock, (error) => reportError(this.#host, error, 'internal'));
    const limits = new UserLimits(options);
    this.#host = {
      options,
      ...hooks,
      limits,
      deadlines,
      tally: new Tally(options.cleanupDeadlineMs),
      registry: new Registry<ManagerRecord>(
        (user) => limits.closingOf(user),
        options.maxManagersPerAddress === false ? undefined : new AddressBook<ManagerRecord>(),
      ),
      idPrefix: `${randomBytes(6).toString('base64url')}-`,
      slotFreed: (user) => this.#emergency.reconsider(user),
      slowConsumers: undefined,
      suspicions,
      leftovers: options.development ? new Leftovers(suspicions) : undefined,
      longLived: undefined,
      leases: undefined,
    };
    if (options.warnAfterMs !== false) {
      this.#longLived = new LongLived(this.#host, options.warnAfterMs);
      this.#host = { ...this.#host, longLived: this.#longLived };
    }
    if (options.maxBufferedBytes !== false) {
      const slowConsumers = new SlowConsumers(this.#host, options.maxBufferedBytes, onSlowConsumer);
      this.#host = { ...this.#host, slowConsumers };
    }
    if (quota !== undefined) {
      this.#leases = new LeaseKeeper(this.#host, quota, { suspect: (user) => this.#emergency.suspect(user) });
      this.#host = { ...this.#host, leases: this.#leases };
      this.shared = sharedQuota(this.#leases);
    }
    this.#emergency = new EmergencyCleanup(this.#host);
    this.#sweep = new Sweep(this.#host);
    this.#pressure = new Pressure(this.#host, this.#gate);
    this.#idleWatch = new IdleWatch(this.#host, this.#pressure);
    this.#rates = ConnectRates.of(this.#host);
    this.#limitPolicy = new LimitPolicy(this.#host);
    this.#desk = new AdmissionDesk(this.#host, {
      emergency: this.#emergency,
      rates: this.#rates,
      limitPolicy: this.#limitPolicy,
      gate: this.#gate,
    });
    if (isListed) registerFactory(this);
  }

  get name(): string {
    return this.#host.options.name;
  }

  get options(): ResolvedOptions {
    return this.#host.options;
  }

  made(managerId: string): boolean {
    return managerId.startsWith(this.#host.idPrefix);
  }

  get clock(): Clock {
    return this.#host.clock;
  }

  start(): void {
    if (this.#gate.state === 'closed') return;
    this.#sweep.start();
    this.#pressure.start();
    this.#idleWatch.start();
    this.#longLived?.start();
  }

  connect(transport: Transport): Connection {
    return new ConnectionRecord(this.#host, transport);
  }

  get screens(): boolean {
    return this.#rates?.screens === true || this.#host.registry.addresses !== undefined;
  }

  recordRefusalAnswer(kind: keyof FactoryStats['refusalAnswers']): void {
    this.#host.tally.refusalAnswers[kind] += 1;
  }

  recordRefusalBounds(bounds: RefusalBounds): () => void {
    const { refusalBounds } = this.#host.tally;
    refusalBounds.add(bounds);
    return () => void refusalBounds.delete(bounds);
  }

  recordEarlyBounds(bounds: EarlyBounds): () => void {
    const { earlyBounds } = this.#host.tally;
    earlyBounds.add(bounds);
    return () => void earlyBounds.delete(bounds);
  }

  screen(remoteAddress: string | undefined): Refusal | undefined {
    const refusal = this.#rates?.refusalOfArrival(remoteAddress);
    return refusal === undefined ? undefined : this.#desk.recordRefusal('', refusal);
  }

  setOverride(user: string, override: { readonly maxManagers: number }): void {
    throwIfNoOptions(override, 'setOverride must be { maxManagers }');
    const { maxManagers } = override;
    this.#host.limits.set(user, maxManagers);
    this.#leases?.pulse.overrides.set(user, maxManagers);
    this.#emergency.reconsider(user);
  }

  clearOverride(user: string): boolean {
    const existed = this.#host.limits.clear(user);
    this.#leases?.pulse.overrides.set(user, null);
    this.#emergency.reconsider(user);
    return existed;
  }

  overrides(): readonly UserOverride[] {
    return this.#host.limits.list();
  }

  recordRefusal(refusal: Refusal, user = ''): void {
    this.#desk.recordRefusal(user, refusal);
  }

  recordError(error: unknown, stage: ErrorStage, user?: string): void {
    reportError(this.#host, error, stage, user);
  }

  tryAdmit(request: AdmissionRequest, options?: Omit<AdmitOptions, 'init'>): Admission {
    this.#warnWithoutSweep();
    return this.#desk.tryAdmit(request, options);
  }

  admit(request: AdmissionRequest, options?: AdmitOptions): Promise<Admission> {
    this.#warnWithoutSweep();
    return this.#desk.admit(request, options);
  }

  decide(request: AdmissionRequest, options?: AdmitOptions): Admission | Promise<Admission> {
    this.#warnWithoutSweep();
    return this.#desk.decide(request, options);
  }

  async admitOrThrow(request: AdmissionRequest, options?: AdmitOptions): Promise<Manager> {
    const admission = await this.admit(request, options);
    if (admission.admitted) return admission.manager;
    throw admission.reason === 'user-limit'
      ? new UserLimitReachedError(admission)
      : new AdmissionRefusedError(admission);
  }

  runEmergencyCleanup(user?: string, options?: EmergencyRequest): Promise<EmergencyReport> {
    const problems = problemsOfRequest(options);
    if (problems.length > 0) return Promise.reject(new InvalidOptionsError(problems));
    return this.#emergency.run(user, options?.level, options?.needed);
  }

  closeAllForUser(user: string, reason = 'user-closed'): Promise<readonly ReleaseReport[]> {
    const { registry } = this.#host;
    const managers = [...registry.of(user), ...registry.closingOf(user)];
    return endAll(this.#host, managers, { reason: reasonOr('user-closed', reason), closeCode: CLOSE_CODES.closed });
  }

  stats(): FactoryStats {
    const [emergency, sweep, idleWatch, pressure] = [this.#emergency, this.#sweep, this.#idleWatch, this.#pressure];
    const rates = this.#rates;
    return takeSnapshot(this.#host, { emergency, sweep, idleWatch, pressure, rates }, this.#gate.state);
  }

  usage(user: string): UserUsage {
    return usageOf(this.#host, user);
  }

  users(query?: UserListQuery): Promise<UserList> {
    return listUsers(this.#host, query);
  }

  lookAt(user: string): UserLook {
    return lookAtUser(this.#host, user);
  }

  previewEmergencyCleanup(user?: string, options?: EmergencyRequest): EmergencyPreview {
    const problems = problemsOfRequest(options);
    if (problems.length > 0) throw new InvalidOptionsError(problems);
    return this.#emergency.preview(user, options?.level, options?.needed);
  }

  managersOf(user: string): readonly Manager[] {
    return this.#host.registry.of(user);
  }

  get ready(): boolean {
    return this.#gate.state === 'open';
  }

  drain(given?: DrainOptions): Promise<DrainReport> {
    if (this.#drained !== undefined) return this.#drained;
    const options = resolveDrainOptions(given);
    this.#gate.drain(options.retryAfterMs);
    return announced(
      (drained) => (this.#drained = drained),
      () => {
        const drain = new Drain(this.#host, options);
        this.#drain = drain;
        return awakeDuring(this.clock, () => drain.run(() => this.close(options.reason)));
      },
    );
  }

  close(reason = 'factory-closed'): Promise<void> {
    return (
      this.#closed ??
      announced(
        (closed) => (this.#closed = closed),
        () => awakeDuring(this.clock, () => this.#close(reasonOr('factory-closed', reason))),
      )
    );
  }

  rehearsal(options?: ManagerFactoryOptions): ManagerFactory {
    return new Factory(options, false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(reason: string): Promise<void> {
    this.#gate.close();
    this.#sweep.stop();
    this.#pressure.stop();
    this.#idleWatch.stop();
    this.#limitPolicy.close();
    this.#drain?.cutShort();
    const closing = [...this.#host.registry.closing()].map((manager) => manager.released);
    await endAll(this.#host, [...this.#host.registry.held()], { reason, closeCode: CLOSE_CODES.shutdown });
    await Promise.all([...closing, this.#emergency.settled()]);
    this.#longLived?.stop();
    this.#host.leftovers?.stop();
    await this.#leases?.close();
    this.#host.deadlines.close();
    unregisterFactory(this);
  }

  #warnWithoutSweep(): void {
    if (this.#warned || this.#sweep.running || this.#host.options.sweepIntervalMs === false || this.#gate.isShut)
      return;
    this.#warned = true;
    process.emitWarning(
      `Factory '${this.name}' admits while its sweep is not running; call start() or use an adapter`,
      { code: 'WATERTIGHT_W_NO_SWEEP' },
    );
  }
}
