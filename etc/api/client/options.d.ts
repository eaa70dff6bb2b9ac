import { type Backoff } from './backoff.ts';
import type { Ending, Verdict } from './verdicts.ts';
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
/** The longest delay a timer takes, in milliseconds (24.8 days). */
export declare const MAX_TIMER_MS: number;
interface ResolvedOptions {
    readonly backoff: Backoff;
    readonly stableAfterMs: number;
    readonly openTimeoutMs: number | false;
    readonly random: () => number;
}
/** @throws RangeError, or TypeError, for the first that is wrong. */
export declare function resolveOptions<Socket extends WebSocketLike>(options: KeepConnectedOptions<Socket>): ResolvedOptions;
export {};
