import type { IncomingMessage } from 'node:http';
import { type ManagerFactory } from '@watertight/server';
import type { AlertRule } from '@watertight/server/alerts';
import { type ActionName } from './action-names.ts';
/** Who looks, as a function of the team's own tells. */
export interface Visitor {
    /** Named in the audit event of each action. */
    readonly name: string;
    /** `false`: may look and not act. Default: as `actions` of the dashboard says. */
    readonly mayAct?: boolean;
}
/** Options of {@link dashboard}. One of `factory` and `factories`, and one way to know who looks, have to be given. */
export interface DashboardOptions {
    readonly factory?: ManagerFactory;
    /** Several, each with a name of its own. */
    readonly factories?: readonly ManagerFactory[];
    /** Where it is on the server. Default `'/watertight'`; `'/'`: everywhere. */
    readonly basePath?: string;
    /** Who knows it may look, as a bearer token or by signing in on the page. At least 16 characters; compared in constant time. */
    readonly token?: string;
    /**
     * Decides in place of a token; `false`: nobody we know. What it throws is told to `onError` and lets nobody in, and so does an answer
     * that is not there within 5 s.
     */
    readonly authenticate?: (request: IncomingMessage) => boolean | Visitor | Promise<boolean | Visitor>;
    /** Nobody is asked who they are, and only this machine is let in: no proxy, no other host name, no other address. */
    readonly loopbackOnly?: boolean;
    /** What may be done. Default `false`: nothing. `true`: everything. */
    readonly actions?: boolean | readonly ActionName[];
    /** How often a snapshot is taken while somebody looks, in milliseconds. Default 1 000, at least 200. */
    readonly intervalMs?: number;
    /** Share of one core that snapshots may take; with more managers they come less often. Default 0.01, at most 0.5. */
    readonly maxCpuShare?: number;
    /** Ends that are remembered. Default 500, at most 100 000; 0: none. */
    readonly rememberedEnds?: number;
    /** Pages that may be open at once. Default 20. */
    readonly maxViewers?: number;
    /** Watch for alerts. Default `true`: every 15 s, by the rules that `@watertight/server/alerts` has. */
    readonly alerts?: boolean | ShownAlerts;
    /** What fails in here, or in `authenticate`. Default: a process warning. */
    readonly onError?: (error: unknown) => void;
}
/** How the dashboard watches for alerts. */
export interface ShownAlerts {
    /** How often the rules are looked at, in milliseconds; default 15 000, at least 100. */
    readonly intervalMs?: number;
    /** In place of those of `@watertight/server/alerts`. */
    readonly rules?: readonly AlertRule[];
}
export interface ResolvedOptions {
    readonly factories: ReadonlyMap<string, ManagerFactory>;
    /** Without a slash at its end; empty: everywhere. */
    readonly basePath: string;
    readonly token: string | undefined;
    readonly authenticate: DashboardOptions['authenticate'];
    readonly actions: ReadonlySet<ActionName>;
    readonly intervalMs: number;
    readonly maxCpuShare: number;
    readonly rememberedEnds: number;
    readonly maxViewers: number;
    readonly alerts: ShownAlerts | false;
    readonly onError: (error: unknown) => void;
}
/** @throws InvalidOptionsError naming every problem with its value, limit and unit. */
export declare function resolveOptions(given: DashboardOptions): ResolvedOptions;
/** Nothing could be read from it. */
export declare function throwIfNoOptions(given: unknown): void;
