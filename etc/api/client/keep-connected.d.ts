import { type Backoff } from './backoff.ts';
import { type Ending, type Verdict } from './verdicts.ts';
/** The part of a WebSocket that is used: the browser's, Node's own, and that of the `ws` package have it. */
export interface WebSocketLike {
    close(code?: number, reason?: string): void;
    addEventListener(type: 'open' | 'error', listener: () => void): void;
    addEventListener(type: 'close', listener: (event: {
        readonly code: number;
        readonly reason: string;
    }) => void): void;
}
export interface KeepConnectedOptions<Socket extends WebSocketLike> {
    /** A socket is open. */
    readonly onOpen?: (socket: Socket) => void;
    /** A socket has ended, and the next attempt is `delayMs` away. `stop()` is a good answer where `retry` is `retry-later` and nothing will change. */
    readonly onWait?: (wait: Verdict & {
        readonly delayMs: number;
        readonly ending: Ending;
    }) => void;
    /** It is of no use to come back: the verdict was `do-not-retry`. Not called after `stop()`. */
    readonly onStop?: (ending: Ending) => void;
    /** Default 500 ms to 30 s; one that is left out follows the other where it would contradict it. */
    readonly backoff?: Partial<Backoff>;
    /** Milliseconds a socket has to stay open for the next delay to be short again. Default 10 000. */
    readonly stableAfterMs?: number;
    /** Milliseconds a socket may take to open; one that takes longer is let go of, and was an attempt in vain. Default 30 000; `false`: as long as it likes. */
    readonly openTimeoutMs?: number | false;
    /** From 0 up to 1. Default `Math.random`. */
    readonly random?: () => number;
}
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
