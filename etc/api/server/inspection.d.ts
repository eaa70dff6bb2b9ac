import type { Admission, AdmitOptions } from './admission.ts';
import type { AdmissionRequest } from './context.ts';
import type { EmergencyReport } from './emergency-report.ts';
import type { EmergencyLevel } from './emergency-plan.ts';
import type { Manager } from './manager.ts';
import type { ResolvedOptions } from './options.ts';
import type { FactoryStats, UserUsage } from './stats.ts';
import type { UserOverride } from './user-limits.ts';
import type { ReleaseReport } from './release-report.ts';
/** The key of the process-wide list of factories on `globalThis`. */
export declare const FACTORIES_KEY: unique symbol;
/** What a debugger, a dashboard or `watertight check` may ask of a factory it did not make. */
export interface InspectableFactory {
    readonly name: string;
    readonly options: ResolvedOptions;
    /** Whether a manager of this id is, or was, one of this factory: several may have one name. */
    made(managerId: string): boolean;
    /** A frozen snapshot. The first one is a pass over all managers, later ones over the users; reading changes nothing. */
    stats(): FactoryStats;
    /** The size of one user. */
    usage(user: string): UserUsage;
    /** The managers of one user that hold a slot, oldest first. */
    managersOf(user: string): readonly Manager[];
    admit(request: AdmissionRequest, options?: AdmitOptions): Promise<Admission>;
    /**
     * Removes the dead, the never attached and the silent of one user, or of everyone. Joins a run that is under way.
     * `force` also frees `needed` slots, idle longest first, never interrupting work in flight.
     */
    runEmergencyCleanup(user?: string, options?: {
        readonly level?: EmergencyLevel;
        readonly needed?: number;
    }): Promise<EmergencyReport>;
    /**
     * Gives a user a limit of its own from now on, in place of `maxManagersPerUser`: a whole number, `Infinity`, or 0 for nothing at all
     * (refusal `banned`). Ends nobody: `closeAllForUser` does.
     * @throws InvalidOptionsError, or WatertightError `WATERTIGHT_E_OVERRIDE_LIMIT` when there are `maxOverrides` already.
     */
    setOverride(user: string, override: {
        readonly maxManagers: number;
    }): void;
    /** The options hold for the user again. Answers whether there was an override. */
    clearOverride(user: string): boolean;
    /** All overrides, as a copy. */
    overrides(): readonly UserOverride[];
    /**
     * Ends every manager of a user, whatever its state and age; the user holds none when this returns. Of more than a hundred the later ones
     * follow in slices, and it holds none when this resolves.
     */
    closeAllForUser(user: string, reason?: string): Promise<readonly ReleaseReport[]>;
}
/** The value under {@link FACTORIES_KEY}. It holds its factories weakly. */
export interface FactoryList {
    readonly version: 1;
    list(): readonly InspectableFactory[];
}
