import type { Server } from 'node:net';
import type { ConnectionErrorCode } from './connection-error.ts';
import { MemorySocket } from './memory-socket.ts';
export interface SocketPairOptions {
    /** Milliseconds that everything takes from one end to the other. Default 0: the next turn of the event loop. */
    readonly delayMs?: number;
    /** The client goes on writing when the server has ended its side. Default false, as with `net.connect`. */
    readonly allowHalfOpen?: boolean;
}
export interface ConnectInMemoryOptions extends SocketPairOptions {
    /** Nobody takes the connection: the error that the client gets. Default: the server takes it. */
    readonly refuse?: Exclude<ConnectionErrorCode, 'ECONNRESET' | 'EPIPE'>;
}
/**
 * Two ends of a connection in memory, for unit tests without a network: `net.Socket`s that behave like those of a connection over
 * TCP. `client.cut()` pulls the cable.
 *
 * @example
 * ```ts
 * const [client, server] = socketPair({ delayMs: 20 });
 * handleSocket(server);
 * client.write('hello');
 * client.resetAndDestroy();
 * ```
 *
 * @throws RangeError for a delay that is no number of milliseconds from 0 to 600 000.
 */
export declare function socketPair(options?: SocketPairOptions): readonly [client: MemorySocket, server: MemorySocket];
/**
 * A connection to a server that need not listen, as `net.connect` makes it: `connecting` first, then `connect`, or an error where it is
 * refused. For an `http.Server`, a `net.Server`, and whatever stands on one; a client of `ws` takes it as
 * `new WebSocket('ws://in.memory/', { createConnection: () => connectInMemory(server) })`. The server does not count it in
 * `getConnections()`.
 *
 * @throws RangeError for a delay that is no number of milliseconds from 0 to 600 000.
 */
export declare function connectInMemory(server: Server, options?: ConnectInMemoryOptions): MemorySocket;
