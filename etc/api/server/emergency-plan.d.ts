/** `conservative`: dead and never attached · `moderate`: and silent · `force`: and, exactly as many as needed, idle longest. */
export type EmergencyLevel = 'conservative' | 'moderate' | 'force';
/** What the decision goes by: plain facts of one manager, nothing that can be called. */
export interface ManagerFacts {
    readonly id: number;
    readonly state: 'pending' | 'active';
    /** It had connections and all of them are gone. */
    readonly dead: boolean;
    /** Milliseconds without ever having had a connection; `null` when it had one or needs none. */
    readonly neverAttachedForMs: number | null;
    /** Milliseconds since the last inbound byte; `null` without connections. */
    readonly quietForMs: number | null;
    /** Whether it sent anything since it was asked. */
    readonly answer: 'not asked' | 'answered' | 'none';
    /** Work that must not be interrupted. */
    readonly inFlight: number;
    /** Milliseconds since it was last used. */
    readonly idleForMs: number;
}
export interface EmergencyRule {
    readonly level: EmergencyLevel;
    /** Quiet for longer than this: a suspect. `false`: nobody is. */
    readonly heartbeatIntervalMs: number | false;
    readonly pendingDeadlineMs: number | false;
    /** Slots that `force` has to free; what the gentler levels free counts towards it. */
    readonly needed: number;
}
export type RemovalKind = 'dead' | 'neverAttached' | 'silent' | 'forced';
export interface Removal {
    readonly id: number;
    readonly kind: RemovalKind;
}
/** The reasons that removed managers are released with. */
export declare const REMOVAL_REASONS: Readonly<Record<RemovalKind, string>>;
export interface EmergencyPlan {
    /** In the order in which they are to be removed. */
    readonly remove: readonly Removal[];
    /** Suspects to be asked for a sign of life before anything more is decided about them. */
    readonly ask: readonly number[];
}
/**
 * Who goes, and who is asked first. Pure: called once with nobody asked, and again with the answers.
 * Never a pending manager before its deadline, never one that is merely idle or young or old, never work in flight.
 */
export declare function planEmergency(managers: readonly ManagerFacts[], rule: EmergencyRule): EmergencyPlan;
