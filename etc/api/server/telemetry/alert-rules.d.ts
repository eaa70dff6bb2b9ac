import type { FactoryStats } from '../stats.ts';
import type { AlertSeverity } from './alert.ts';
import type { Reading } from './instruments.ts';
/** What a rule looks at: now, and some minutes ago. */
export interface AlertView extends Reading {
    /** The oldest reading within the last {@link ALERT_WINDOW_MS}. */
    readonly before: FactoryStats;
    /**
     * Until the next of the largest users, and the process, reach their limit at the slope of the last half hour; `Infinity` if never. Users
     * who are at theirs are not looked at; the process is at its own at 0.
     */
    readonly forecast: {
        readonly userLimitInMs: number;
        readonly user: string | undefined;
        readonly processLimitInMs: number;
    };
}
/** How far back a rule sees what has changed: five minutes. */
export declare const ALERT_WINDOW_MS = 300000;
/** A signal with a level at which it is raised, and another at which it is over. */
export interface AlertRule {
    readonly name: string;
    readonly severity: AlertSeverity;
    /** Says what it means and what to do first. */
    readonly summary: string;
    /** The signal; `undefined` when it does not apply. */
    value(view: AlertView): number | undefined;
    /** Raised when the signal has been at or above this for `forMs`. */
    readonly raiseAt: number;
    /** Over when the signal is below this. */
    readonly clearBelow: number;
    readonly forMs: number;
    /** Who, where a user can be named. It is told to whoever is alerted, and stands in no metric. */
    user?(view: AlertView): string | undefined;
}
/** The rules that are watched unless others are given; `deploy/prometheus/alerts.yml` has the same under the same names. */
export declare const ALERT_RULES: readonly AlertRule[];
