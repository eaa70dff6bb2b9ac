import type { IncomingMessage } from 'node:http';
import { type Manager, type ManagerFactory } from '../index.ts';
import type { Identity } from './identify.ts';
import { type Absences, type AddressOptions, type EarlyOptions, type HttpRefusalOptions, type NetworkOptions } from './network-options.ts';
/** What every adapter has to know to decide over a client. */
export interface DecisionOptions<Request = IncomingMessage> {
    readonly factory: ManagerFactory;
    /** Who is this? May be async; the client may leave meanwhile. */
    readonly identify: (request: Request) => Identity | PromiseLike<Identity>;
    /** Milliseconds `identify` may take. Default 5 000; `false`: as long as it likes. */
    readonly identifyTimeoutMs?: number | false | undefined;
    /** Runs while the manager is pending, before the client is answered. Throwing refuses. */
    readonly init?: ((manager: Manager, request: Request) => unknown) | undefined;
}
/** What every adapter at an upgrade does about a hostile network. */
export interface UpgradeNetworkOptions extends AddressOptions, EarlyOptions, HttpRefusalOptions {
}
/** Which upgrades of a server an adapter looks at. Of several that look at one, that made first takes it, and the others leave it alone. */
export interface UpgradeOptions extends DecisionOptions, UpgradeNetworkOptions {
    /** Only upgrades for this path are looked at. Default: every path. Not together with `handles`. */
    readonly path?: string;
    /** Only upgrades for which this answers `true` are looked at. Default: every upgrade. Not together with `path`. */
    readonly handles?: (request: IncomingMessage) => boolean;
}
/** What an adapter hands back. */
export interface Guard {
    readonly factory: ManagerFactory;
    /** Clients that are being decided. */
    readonly pendingCount: number;
    /** Stops looking at clients and refuses those that are being decided. Servers, sockets and factory stay open: they are yours. Idempotent. */
    close(): void;
}
/** The same options, for whoever knows a client by something else than the caller does. */
export declare function optionsFor<Theirs, Ours>({ identify, init, ...others }: DecisionOptions<Theirs> & NetworkOptions, theirs: (ours: Ours) => Theirs): DecisionOptions<Ours> & NetworkOptions;
/** Of adapters that share a server with others. */
export declare const OF_UPGRADES: readonly ['path', 'handles'];
/**
 * What is wrong with the options that all adapters share, one sentence each; `absences`: what this adapter cannot do, `own`: the names of
 * what it alone has.
 */
export declare function problemsOf(options: DecisionOptions<never> & Pick<UpgradeOptions, 'path' | 'handles'> & NetworkOptions, absences?: Absences, own?: readonly string[]): string[];
/** What is wrong with a time that may be switched off, in a sentence. */
export declare function problemsOfTime(key: string, valueMs: unknown): string[];
/** @throws InvalidOptionsError when there are problems. */
export declare function throwIfAny(problems: readonly string[]): void;
