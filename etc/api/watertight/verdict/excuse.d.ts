import type { ScenarioResult } from './types.ts';
/** A leak that somebody has decided to live with, and why. */
export interface Allowance {
    /** Fits the finding with this fingerprint, or every one whose name is this or one of whose places is in this file. */
    readonly match: string;
    /** Shown in every report. Never empty. */
    readonly reason: string;
    /** Last day, as `2026-12-31`; from the next day on it allows nothing. Default: no end. */
    readonly until?: string | undefined;
}
export interface Excuses {
    readonly allow: readonly Allowance[];
    /** Fingerprints a baseline knows; `undefined` without one. */
    readonly baseline: ReadonlySet<string> | undefined;
    /** Today, as `2026-12-31`. */
    readonly today: string;
}
export interface Excused {
    readonly scenarios: readonly ScenarioResult[];
    /** Allowances that fitted nothing or whose time is over: to be taken out. */
    readonly idle: readonly string[];
}
/**
 * Says of every finding whether it is allowed or known. Where all findings of a scenario are, its leaks no longer convict it;
 * one that is new brings all of them back. A broken promise is never excused.
 */
export declare function excuseFindings(scenarios: readonly ScenarioResult[], excuses: Excuses): Excused;
