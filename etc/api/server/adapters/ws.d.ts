import type { IncomingMessage, Server } from 'node:http';
import type { WebSocketServer } from 'ws';
import { type Manager, type ManagerFactory } from '../index.ts';
import { type Identity } from './identify.ts';
export { Forbidden, type Identity } from './identify.ts';
export interface GuardOptions {
    readonly factory: ManagerFactory;
    /** Who is this? May be async; the client may leave meanwhile. */
    readonly identify: (request: IncomingMessage) => Identity | PromiseLike<Identity>;
    /** Milliseconds `identify` may take. Default 5 000; `false`: as long as it likes. */
    readonly identifyTimeoutMs?: number | false;
    /** Only upgrades for this path are looked at. Default: every path. Not together with `handles`. */
    readonly path?: string;
    /** Only upgrades for which this answers `true` are looked at. Default: every upgrade. Not together with `path`. */
    readonly handles?: (request: IncomingMessage) => boolean;
    /** `'http'` (default) refuses the upgrade; `'close'` accepts it and closes with a code, which is all that a browser gets to see. */
    readonly refusal?: 'http' | 'close';
    /** Runs while the manager is pending, before the upgrade is answered. Throwing refuses. */
    readonly init?: (manager: Manager, request: IncomingMessage) => unknown;
}
/** What {@link guard} answers. */
export interface Guard {
    readonly factory: ManagerFactory;
    /** Upgrades that are being decided. */
    readonly pendingCount: number;
    /** Stops looking at upgrades and refuses those that are being decided. Servers, sockets and factory stay open: they are yours. Idempotent. */
    close(): void;
}
/**
 * Puts a factory in front of a `WebSocketServer` in `noServer` mode. Its `connection` event then has the manager as third argument:
 *
 * ```js
 * import { createServer } from 'node:http';
 * import { createManagerFactory } from '@watertight/server';
 * import { guard } from '@watertight/server/ws';
 * import { WebSocketServer } from 'ws';
 *
 * const server = createServer();
 * const wss = new WebSocketServer({ noServer: true });
 * const factory = createManagerFactory();
 * guard(server, wss, { factory, identify: (request) => new URL(request.url, 'http://host').searchParams.get('user') });
 *
 * wss.on('connection', (socket, request, manager) => {
 *   manager.every(1000, () => socket.send(`hello ${manager.user}`));
 * });
 * ```
 *
 * @throws InvalidOptionsError, or WatertightError `WATERTIGHT_E_GUARD` when `wss` is not in `noServer` mode.
 */
export declare function guard(server: Server, wss: WebSocketServer, options: GuardOptions): Guard;
