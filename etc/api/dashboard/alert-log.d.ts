import type { ManagerFactory } from '@watertight/server';
import { type Alert } from '@watertight/server/alerts';
import type { ShownAlerts } from './options.ts';
/** What fires now. */
export interface FiringAlert extends Alert {
    /** Since when its signal is too high, ISO 8601. */
    readonly since: string;
}
/** An alert that was raised, or is over. */
export interface AlertChange extends Alert {
    /** When, ISO 8601. */
    readonly at: string;
}
/** Watches the factories by the rules that the server has, and remembers what became of them. */
export declare class AlertLog {
    #private;
    constructor(factories: Iterable<ManagerFactory>, shown: ShownAlerts, onError: (error: unknown) => void);
    firing(factory: ManagerFactory): readonly FiringAlert[];
    changes(): readonly AlertChange[];
    stop(): void;
}
