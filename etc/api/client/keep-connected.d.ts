import { type KeepConnectedOptions, type WebSocketLike } from './options.ts';
export interface KeptConnection<Socket extends WebSocketLike> {
    /** The socket that is open or being opened; `undefined` while it waits, and in the end. */
    readonly socket: Socket | undefined;
    /**
     * Closes the socket, and does not come back. Idempotent. What the socket throws where it does not take the code (browsers and Node take
     * 1000 and 3000 to 4999) or the reason (at most 123 bytes) is thrown, and the socket is ended without them.
     */
    stop(code?: number, reason?: string): void;
}
/**
 * Keeps a WebSocket connected: comes back when it ends, later with every attempt in vain, no earlier than the server asked for, and not at
 * all where that is of no use. What `open` throws at the first attempt is thrown to the caller; later it is an attempt in vain, with code 1006 and
 * the message as its reason.
 *
 * @throws RangeError for a delay that is no number of milliseconds from 0 to 2 147 483 647, an `openTimeoutMs` below 1, or a `firstMs` above
 * `maxMs`; TypeError for an option that does not exist, or is no function where one is called.
 */
export declare function keepConnected<Socket extends WebSocketLike>(open: () => Socket, options?: KeepConnectedOptions<Socket>): KeptConnection<Socket>;
