import { type EmergencyLevel, type RemovalKind } from './emergency-plan.ts';
import type { ManagerHost } from './manager.ts';
/** What one emergency cleanup did. */
export interface EmergencyReport {
    /** `null` for a run over all users. */
    readonly user: string | null;
    readonly level: EmergencyLevel;
    readonly heldBefore: number;
    /** Suspects who were asked for a sign of life. */
    readonly asked: number;
    /** Of these, how many gave one. */
    readonly answered: number;
    readonly removed: Readonly<Record<RemovalKind, number>>;
    readonly durationMs: number;
}
/** Runs the plan: removes the dead, asks the suspects, waits, removes the silent. One run per user at a time. */
export declare class EmergencyCleanup {
    #private;
    readonly removed: Record<RemovalKind, number>;
    runs: number;
    lastRunAtMs: number | null;
    constructor(host: ManagerHost);
    get running(): number;
    get usersInEmergency(): number;
    /**
     * Called at the start of every admission. Starts what is due and answers the runs that may free a slot for this user,
     * whoever started them.
     */
    beforeAdmission(user: string): Promise<unknown> | undefined;
    /** A slot was freed: the emergency may be over. */
    slotFreed(user: string): void;
    /** A run asked for by hand: joins one that is under way, and is never put off. */
    run(user: string | undefined, level?: EmergencyLevel, needed?: number): Promise<EmergencyReport>;
    /** Resolves when no run is under way. */
    settled(): Promise<void>;
}
