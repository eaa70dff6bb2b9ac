import { type Clock } from '../clock.ts';
import type { InspectableFactory } from '../inspection.ts';
import type { Alert } from './alert.ts';
import type { AlertRule } from './alert-rules.ts';
export interface AlertsOptions {
    /** Whom to tell. What it throws is given to `onError`. */
    readonly notify: (alert: Alert) => unknown;
    /** Default: {@link ALERT_RULES}. */
    readonly rules?: readonly AlertRule[];
    /** How often the rules are looked at, in milliseconds; default 15 000, at least 100, at most 2 147 483 647. */
    readonly intervalMs?: number;
    /** Default: ignored, as an alert that cannot be told must end nobody's process. */
    readonly onError?: (error: unknown) => void;
    /** Default: {@link systemClock}. */
    readonly clock?: Clock;
}
export declare const DEFAULT_INTERVAL_MS = 15000;
/** @throws InvalidOptionsError naming every problem at once. */
export declare function throwIfInvalid(factory: InspectableFactory, options: AlertsOptions): void;
