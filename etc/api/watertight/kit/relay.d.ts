import { type Server } from 'node:net';
import { RelayConnection } from './relay-connection.ts';
import { type RelayEnding } from './relay-endings.ts';
/** Where a relay leads: a `ws:`, `wss:`, `http:` or `https:` URL, a server that listens, or a port of 127.0.0.1. */
export type RelayTarget = string | URL | number | Server | {
    readonly url: string;
};
/**
 * A wire between clients and a server that gets worse when it is told to: no client library can be made to reset, to vanish or to
 * stall, but what lies under it can. It reorders nothing. Use {@link openRelay}.
 */
export declare class Relay implements AsyncDisposable {
    #private;
    /** Port on 127.0.0.1. */
    get port(): number;
    /** `ws:` URL for clients, with path and query of the target; for a `wss:` target too, as the relay speaks TLS itself. */
    get url(): string;
    /** Those that are not gone on both sides, oldest first. */
    get connections(): readonly RelayConnection[];
    /**
     * The next connection that was not answered here yet.
     *
     * @throws Error when none comes within `withinMs` milliseconds (default 5 000), and when the relay is closed before; RangeError for a
     * time that is none, or above 600 000.
     */
    nextConnection(withinMs?: number): Promise<RelayConnection>;
    /**
     * The next connection ends like this: in its handshake, or as soon as that was answered. Called again, the one after it.
     *
     * @throws TypeError for what is no ending.
     */
    endNext(ending: RelayEnding): void;
    /** Everything is late by so many milliseconds, in both directions, from now on. 0: not any more. @throws RangeError above 600 000. */
    delay(delayMs: number): void;
    /** What clients send arrives byte by byte, one each so many milliseconds. 0: not any more. @throws RangeError above 600 000. */
    trickle(everyMs: number): void;
    /** Passes nothing on in either direction, and says nothing; connections to come included. */
    goDeaf(): void;
    /** Reads nothing of the server until {@link resume}; connections to come included. */
    stall(): void;
    resume(): void;
    /** Resets every connection on both sides; new ones are taken. */
    cut(): void;
    /** Resets whoever connects from now on; `refuse(false)`: not any more. The server hears nothing of them. */
    refuse(isRefusing?: boolean): void;
    /** Ends everything; resolves when every handle is closed. Idempotent. */
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
/**
 * Opens a relay in front of a server, on a free port of 127.0.0.1.
 *
 * @example
 * ```ts
 * await using relay = await openRelay(server);
 * const client = new WebSocket(relay.url);
 * const connection = await relay.nextConnection();
 * await connection.end('vanish');
 * ```
 *
 * @throws TypeError when the target is no URL that a WebSocket can have; RangeError for a port that is none.
 */
export declare function openRelay(to: RelayTarget): Promise<Relay>;
