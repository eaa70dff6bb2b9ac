import type { EmergencyReport } from './emergency.ts';
import type { Manager } from './manager.ts';
import type { ResolvedOptions } from './options.ts';
import type { FactoryStats, UserUsage } from './stats.ts';
import type { ReleaseReport } from './teardown.ts';

/** The key of the process-wide list of factories on `globalThis`. */
export const FACTORIES_KEY: unique symbol = Symbol.for('watertight.factories');

/** What a debugger, a dashboard or `watertight check` may ask of a factory it did not make. */
export interface InspectableFactory {
  readonly name: string;
  readonly options: ResolvedOptions;
  stats(): FactoryStats;
  usage(user: string): UserUsage;
  managersOf(user: string): readonly Manager[];
  runEmergencyCleanup(user?: string): Promise<EmergencyReport>;
  closeAllForUser(user: string, reason?: string): Promise<readonly ReleaseReport[]>;
}

/** The value under {@link FACTORIES_KEY}. It holds its factories weakly. */
export interface FactoryList {
  readonly version: 1;
  list(): readonly InspectableFactory[];
}
