import type { EmergencyLevel, RemovalKind } from './emergency-plan.ts';
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
/** What an emergency cleanup would do now. */
export interface EmergencyPreview {
    /** `null`: over all users. */
    readonly user: string | null;
    readonly level: EmergencyLevel;
    readonly held: number;
    /** Who would go at once; the silent are known only once they were asked, and who is forced out only where nobody has to be. */
    readonly remove: Readonly<Record<RemovalKind, number>>;
    /** Suspects who would be asked for a sign of life first. */
    readonly ask: number;
}
