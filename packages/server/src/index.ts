export type { Admission, AdmitOptions, Admitted } from './admission.ts';
export { type Clock, systemClock, type Timer } from './clock.ts';
export { ANSWERS, CLOSE_CODES, type CloseCode, type Retry } from './close-codes.ts';
export type { Connection, EndCause, Transport } from './connection.ts';
export { type AdmissionContext, type AdmissionRequest, MAX_USER_BYTES } from './context.ts';
export type { DrainOptions } from './drain-options.ts';
export type { DrainReport, LastHooksReport } from './drain-report.ts';
export type { EmergencyPreview, EmergencyReport } from './emergency-report.ts';
export {
  type EmergencyLevel,
  type EmergencyPlan,
  type EmergencyRule,
  type ManagerFacts,
  type Removal,
  type RemovalKind,
  planEmergency,
} from './emergency-plan.ts';
export {
  AdmissionRefusedError,
  ERROR_CODES,
  type ErrorCode,
  InvalidOptionsError,
  ManagerClosedError,
  UserLimitReachedError,
  WatertightError,
} from './errors.ts';
export { EVENT_NAMES, type EventName, type EventPayloads } from './events.ts';
export { createManagerFactory } from './factory.ts';
export type { ManagerFactory } from './manager-factory.ts';
export type { FinalizerContext } from './finalizer-context.ts';
export type { FinalizerReport, NamedFinalizer } from './finalizer-report.ts';
export { FACTORIES_KEY, type FactoryList, type InspectableFactory } from './inspection.ts';
export type { Manager, ManagerState } from './manager.ts';
export type { EvictionCandidate, LimitAttempt, OnLimit, OnLimitDecision } from './on-limit.ts';
export type { ErrorStage, ManagerFactoryOptions, ResolvedOptions } from './options.ts';
export type { PressureState } from './pressure-rule.ts';
export type { GaugeReading } from './process-gauge.ts';
export { REFUSALS, type Refusal, type RefusalReason } from './refusals.ts';
export type { ChildScope, Emitter, Finalizer, Registration, Scope } from './scope.ts';
export type { Suspicion, SuspicionKind, SuspicionStats } from './suspicion.ts';
export type { SlowConsumer, SlowConsumerAction, SlowConsumerPolicy } from './slow-consumer.ts';
export type {
  DurationStats,
  EmergencyStats,
  FactoryStats,
  LivenessStats,
  PressureStats,
  EarlyBounds,
  RefusalBounds,
  SlowConsumerStats,
  SweepStats,
  UserUsage,
} from './stats.ts';
export type { LeaseOptions, LeaseTerms, Quota } from './quota/lease-terms.ts';
export { memoryQuota } from './quota/memory-quota.ts';
export type { QuotaState, SharedQuota } from './quota/shared.ts';
export type { LeaseFate, LeaseStore, SharedUsage, UsersPage, UsersQuery } from './quota/types.ts';
export type { ReleaseReport } from './release-report.ts';
export type { UserOverride } from './user-limits.ts';
export type { UserList, UserListQuery } from './user-list.ts';
export type { ManagerLook, OwnedLook, UserLook } from './user-look.ts';
