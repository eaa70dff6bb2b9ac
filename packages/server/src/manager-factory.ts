import type { Admission, AdmitOptions } from './admission.ts';
import type { Clock } from './clock.ts';
import type { Connection, Transport } from './connection.ts';
import type { AdmissionRequest } from './context.ts';
import type { DrainOptions } from './drain-options.ts';
import type { DrainReport } from './drain-report.ts';
import type { EmergencyLevel } from './emergency-plan.ts';
import type { EmergencyPreview } from './emergency-report.ts';
import type { InspectableFactory } from './inspection.ts';
import type { Manager } from './manager.ts';
import type { ErrorStage, ManagerFactoryOptions } from './options.ts';
import type { SharedQuota } from './quota/shared.ts';
import type { Refusal } from './refusals.ts';
import type { EarlyBounds, FactoryStats, RefusalBounds } from './stats.ts';
import type { UserList, UserListQuery } from './user-list.ts';
import type { UserLook } from './user-look.ts';

/** Gives every user a bounded number of managers. One per server is usual. */
export interface ManagerFactory extends InspectableFactory, AsyncDisposable {
  readonly clock: Clock;
  /** Starts the sweep. Adapters do it; a factory used by hand says so once when nobody did. Idempotent. */
  start(): void;
  /** Makes the core's side of a socket. Adapters call it before anything else happens to the socket. */
  connect(transport: Transport): Connection;
  /** For adapters: counts and publishes a refusal that was decided before anything was asked of the factory. */
  recordRefusal(refusal: Refusal, user?: string): void;
  /** For adapters: hands an error of the caller's code to `onError` and the event channel. */
  recordError(error: unknown, stage: ErrorStage, user?: string): void;
  /** For adapters: whether arrivals have to be screened, and their remote address found out for it. */
  readonly screens: boolean;
  /** For adapters: counts how a refused client was answered. */
  recordRefusalAnswer(kind: keyof FactoryStats['refusalAnswers']): void;
  /** For adapters: how many refusals a second they answer at most. Answers what takes it back, when they stop looking at clients. */
  recordRefusalBounds(bounds: RefusalBounds): () => void;
  /** For adapters: what a client may send before they answer it. Answers what takes it back, likewise. */
  recordEarlyBounds(bounds: EarlyBounds): () => void;
  /**
   * For adapters: counts one arrival against the connect rates by address and overall, before anybody is asked who it is. Answers,
   * counts and publishes the refusal if it is over one of them. Its admission says `screened`.
   */
  screen(remoteAddress: string | undefined): Refusal | undefined;
  /** Decides at once: at the limit it does not wait for an emergency cleanup and evicts nobody, and there is no `init`. */
  tryAdmit(request: AdmissionRequest, options?: Omit<AdmitOptions, 'init'>): Admission;
  /** For adapters: as {@link InspectableFactory.admit}, and answers at once when nothing is to be waited for. */
  decide(request: AdmissionRequest, options?: AdmitOptions): Admission | Promise<Admission>;
  /**
   * As {@link InspectableFactory.admit}, for callers who prefer exceptions.
   * @throws UserLimitReachedError when the user is at its limit, AdmissionRefusedError for every other refusal.
   */
  admitOrThrow(request: AdmissionRequest, options?: AdmitOptions): Promise<Manager>;
  /**
   * The users of this factory page by page, who holds most first. One pass over all users in slices of at most 10 ms; reading changes
   * nothing. Who comes, goes or holds more meanwhile may be missed, or come on two pages.
   * @throws InvalidOptionsError (the promise rejects) naming every problem at once.
   */
  users(query?: UserListQuery): Promise<UserList>;
  /** One user, manager by manager: age, idleness, connections, what each owns. Reading changes nothing; the cost is bounded. */
  lookAt(user: string): UserLook;
  /** Who an emergency cleanup would remove and ask now. Nothing is done; costs one pass over those managers. */
  previewEmergencyCleanup(
    user?: string,
    options?: { readonly level?: EmergencyLevel; readonly needed?: number },
  ): EmergencyPreview;
  /** All nodes together, where `quota` is given. */
  readonly shared: SharedQuota | undefined;
  /** Whether a load balancer should send clients here: `false` from the moment a drain or a close begins. */
  readonly ready: boolean;
  /**
   * Empties the process for a restart: {@link ready} flips, new admissions are refused with 503 and `Retry-After`, and everybody is
   * closed with code 1012, spread over `windowMs` with jitter; a slot is free when its close is issued. Whoever has unsent data or work
   * in flight is put off until `cleanupDeadlineMs` before the end. Then the factory is closed, then `closeLast`. A second call answers the
   * first one's report; `close()` meanwhile ends the window at once. The process stays alive until the report is there.
   * @throws InvalidOptionsError naming every problem at once; nothing has begun then.
   */
  drain(options?: DrainOptions): Promise<DrainReport>;
  /**
   * Another factory of the same code, which serves nobody and stands in no list: there a drain or a policy can be tried that would harm
   * whoever is served here. Whoever asked for it closes it.
   * @throws InvalidOptionsError naming every problem at once.
   */
  rehearsal(options?: ManagerFactoryOptions): ManagerFactory;
  /** Refuses new admissions, ends every manager, and resolves when all are closed; until then the process stays alive. No timer is left. Idempotent. */
  close(reason?: string): Promise<void>;
}
