import type { Server, Socket } from 'socket.io';
import { type Manager, type Refusal } from '../index.ts';
import { type DecisionOptions, type Guard, type UpgradeNetworkOptions } from './guard-options.ts';
import { type AddressOptions } from './network-options.ts';
export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';
export interface SocketIoGuard extends Guard {
    /** The manager of a client: one for all its namespaces, whatever transport it is at. */
    managerOf(socket: Socket): Manager | undefined;
}
/**
 * Guards the door of Socket.IO: one manager for each Engine.IO client, decided before the handshake is answered, whether the client
 * begins with polling or with a WebSocket. To be called after the server was attached to an HTTP server.
 *
 * ```js
 * import { createServer } from 'node:http';
 * import { createManagerFactory } from '@watertight/server';
 * import { guardEngine } from '@watertight/server/socket.io';
 * import { Server } from 'socket.io';
 *
 * const server = createServer();
 * const io = new Server(server);
 * const factory = createManagerFactory();
 * const guard = guardEngine(io, {
 *   factory,
 *   identify: (request) => new URL(request.url, 'http://host').searchParams.get('user'),
 * });
 * io.on('connection', (socket) => {
 *   const manager = guard.managerOf(socket);
 *   manager.every(1000, () => socket.emit('hello', manager.user));
 * });
 * ```
 *
 * `maxBufferedBytes` counts packets, those that wait in Engine.IO for the next poll among them; `'drop'` leaves a packet out with its
 * attachments and tells nobody.
 *
 * @throws InvalidOptionsError, or WatertightError `WATERTIGHT_E_GUARD` when the server is not attached.
 */
export declare function guardEngine(io: Server, options: DecisionOptions & UpgradeNetworkOptions): SocketIoGuard;
/** What a client that is refused by {@link namespaceGuard} gets as `error.data` in its `connect_error`. */
export type NamespaceRefusal = Pick<Refusal, 'reason' | 'retry' | 'retryAfterMs' | 'limit' | 'held'> & {
    readonly status: number;
};
export interface NamespaceGuard extends Guard {
    /** To be passed to `io.use` or `namespace.use`. */
    readonly middleware: (socket: Socket, next: (error?: Error & {
        data?: unknown;
    }) => void) => void;
    /** The manager of a socket of the namespace. */
    managerOf(socket: Socket): Manager | undefined;
}
/**
 * Guards one namespace: a manager for each of its sockets. A client that is refused learns why by `connect_error`, and may stay in other
 * namespaces. Use {@link guardEngine} where clients are to be refused before they cost anything. To be used behind every other middleware of
 * the namespace: Socket.IO tells nobody when a later one refuses, and the manager would stay for as long as the client does.
 *
 * What waits for a client waits for all its namespaces: against `maxBufferedBytes` the manager is asked that came first. Refusals have no
 * budget here, as each is one packet to somebody who may stay.
 *
 * @throws InvalidOptionsError naming every problem at once.
 */
export declare function namespaceGuard(options: DecisionOptions<Socket> & AddressOptions): NamespaceGuard;
