import { type Socket } from 'node:net';
import { type Pace } from './lane.ts';
import { type LetGo } from './letting-go.ts';
import { type Upstream } from './upstream.ts';
/** Sees what passes through a strand. */
export interface Watcher {
    /** A chunk of the client was handed to the connection to the server. */
    clientSent?(strand: Strand, chunk: Buffer): void;
    /** A chunk of the server has come; it is passed on afterwards unless the strand withholds the server's bytes by then. */
    serverSent?(strand: Strand, chunk: Buffer): void;
}
/** What a strand does from its first byte on. */
export interface StrandModes {
    readonly hold: boolean;
    readonly deaf: boolean;
    readonly stalled: boolean;
}
/**
 * One connection through the faulty wire: the client's side, the server's side, and what is done to the bytes between them.
 * Every method is safe in every state; `dispose()` leaves no handle and no timer.
 */
export declare class Strand {
    #private;
    readonly whenReady: Promise<void>;
    constructor(inner: Socket, to: Upstream, modes: StrandModes, watcher: Watcher);
    /** The local port of the connection to the server: the server's remote port. 0 before it is connected. */
    get upstreamPort(): number;
    /** Why there is no connection to the server, or why it broke. */
    get failure(): string | undefined;
    get letGo(): LetGo | undefined;
    /** Resolves when every handle of it is closed, whoever closed them. */
    get whenClosed(): Promise<unknown>;
    /** Slows the client's bytes (`up`), and those of the server (`down`). */
    setPace(up: Pace, down: Pace): void;
    /** Puts what was held on the wire, in this very stretch of code, and holds nothing from now on. With bytes of our own behind it, all goes in one piece. */
    release(behind?: Uint8Array): void;
    /** Keeps the client's bytes back again, until the next `release()`. */
    holdBack(): void;
    /**
     * Resolves when everything the client has written was handed to the connection to the server; at most 100 ms after a slow lane has
     * let it through. `writtenBytes` says how much that is; without it, what stands in the kernel after two turns of the loop counts as all.
     */
    flushed(writtenBytes?: () => number): Promise<void>;
    /** Half-closes the connection to the server (FIN) and goes on reading. */
    halfClose(): Promise<void>;
    /** Resets the connection to the server. Nothing can be seen of the server's side after that. */
    reset(): void;
    /** Writes bytes of our own to the server. Call `flushed()` first, or they may land inside a frame. */
    inject(bytes: Uint8Array): void;
    /** Drops what the client says from now on: nothing of it may land inside or behind what was injected. */
    mute(): void;
    /** Passes nothing of the server on to the client any more. */
    withhold(): void;
    /** Reads and drops both directions from now on and passes no FIN on. */
    goDeaf(): void;
    /** Stops reading from the server; its buffers fill up. */
    stall(): void;
    /** Reads on after a stall; what was held back comes first. */
    resume(): void;
    /**
     * How the server let go, or `undefined` at the deadline, or at once when our own reset made it invisible. A stalled strand
     * cannot see it while it does not read: it looks at the deadline, for 50 ms (up to 250 ms while bytes
     * still come), drops what it reads, and stalls again. `atMs` is then the time of the look, not of the letting go.
     */
    gone(deadlineMs: number): Promise<LetGo | undefined>;
    /** Destroys both sides; resolves when every handle is closed. Idempotent. */
    dispose(): Promise<void>;
}
