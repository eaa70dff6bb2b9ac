export type { EmergencyReport } from './emergency.ts';
export { FACTORIES_KEY } from './inspection.ts';
export type { FactoryList, InspectableFactory } from './inspection.ts';
export type { Manager } from './manager.ts';
export type { ResolvedOptions } from './options.ts';
export type { DurationStats, EmergencyStats, FactoryStats, SweepStats, UserUsage } from './stats.ts';
export type { NamedFinalizer, ReleaseReport } from './teardown.ts';
