import type { LetGo } from '../letting-go.ts';
import type { Ending, Refused } from '../types.ts';
/** How a life ends. `as-written`: the recipe itself ends it, whatever way it likes; the wire does nothing. */
export type LifeEnding = Ending | 'abort-after-response' | 'oversized-frame' | 'mid-frame' | 'during-work' | 'as-written';
/**
 * What a client says after connecting. A module given by `--recipe` exports one as its default.
 *
 * @example
 * ```ts
 * import type { Recipe } from 'watertight';
 *
 * export default {
 *   name: 'join-a-room',
 *   async live(life) {
 *     const socket = await life.connect({ path: '/chat' });
 *     socket.send(JSON.stringify({ join: `room-${life.index}` }));
 *     await socket.next((message) => String(message).includes('joined'));
 *   },
 * } satisfies Recipe;
 * ```
 */
export interface Recipe {
    readonly name: string;
    /** One line for `watertight list`. */
    readonly description?: string;
    /** Endings this recipe can take; default: all that a server can notice. Only `as-written` when it ends its lives itself. */
    readonly endings?: readonly LifeEnding[];
    /** Subprotocols offered by whoever connects without the recipe (the promise scenarios). Default: none. */
    readonly protocols?: readonly string[];
    /** Query that such a handshake needs. Default: none. */
    readonly query?: Readonly<Record<string, string>>;
    /** How those clients speak then. Default: texts as they are. */
    readonly speech?: PlainSpeech;
    /** Its clients say nothing that a server could keep; reports tell so. Default: false. */
    readonly isMute?: boolean;
    /** Path of the WebSocket when none is given. Default: what the target's URL says. */
    readonly path?: string;
    /** Once, before the first life: companions that live as long as the check (a publisher, a subscriber). */
    setup?(world: RecipeWorld): Promise<void>;
    /**
     * One life up to its end: connects to `life.url` (or `life.httpUrl`), says what it has to say, and resolves when it has been
     * served. May answer how it says goodbye politely; that is called for the ending `close-frame`. Default goodbye: sockets
     * of `life.connect` are closed.
     */
    live(life: Life): Promise<void | (() => Promise<void> | void)>;
    /** Once, after the last life: ends what `setup` made. */
    teardown?(): Promise<void>;
}
/** As much of a protocol as a client without its library needs to be let in, heard and left alone. */
export interface PlainSpeech {
    /** Said first; `identity` is what the client is to say about itself, where that is a message. */
    greet(identity: string | undefined): string;
    /** Whether a message is the answer to what was said first: the client is in. */
    isWelcome(message: string): boolean;
    /**
     * What a message says that turns a client away, where the protocol has one for that; `undefined` to others. The connection may
     * stay open behind it. Default: only a close is a refusal.
     */
    refusal?(message: string): SpokenRefusal | undefined;
    /** What is said at once to a message that the protocol wants answered; `undefined` to others. */
    reply?(message: string): string | undefined;
    /** A text as a message of the protocol, which an echo sends back with the text in it. */
    say(text: string): string | Uint8Array;
}
/** How a server says in the words of its protocol that it does not want a client. */
export interface SpokenRefusal {
    /** Its words; a refusal without any is a violation where a limit is promised. */
    readonly message: string;
    /** The HTTP status that it names, if it names one: judged like that of an upgrade that was refused. */
    readonly status?: number;
    /** The code of the close frame that said so, where it was one that the client library keeps to itself. */
    readonly closeCode?: number;
    /** What else it says; `limit` and `reason` in it are compared with what is promised. */
    readonly body?: unknown;
}
export interface RecipeWorld {
    /** The server itself, without a wire of ours in between. */
    readonly url: URL;
    readonly signal: AbortSignal;
}
/** One client life, as its recipe sees it. */
export interface Life {
    /** Running number of the life in this check, from 0. */
    readonly index: number;
    readonly user: string;
    readonly ending: LifeEnding;
    /**
     * `ws:` address of this life's own wire; whatever connects there belongs to this life and ends with it. Identity in the query
     * is in it. It is `ws:` for a `wss:` server too: the wire speaks TLS on its way there.
     */
    readonly url: URL;
    /** The same as `http:`. */
    readonly httpUrl: URL;
    /** What goes into the handshake: the server's own `host`, since the wire has another, and what the identity puts there. */
    readonly headers: Readonly<Record<string, string>>;
    readonly protocols: readonly string[];
    /** Sent first, when the identity is a message. */
    readonly firstMessage: string | undefined;
    readonly signal: AbortSignal;
    /** Uniform in [0, 1), decided by the seed. */
    random(): number;
    /** A plain WebSocket over this life's wire, with the identity in place. */
    connect(options?: ConnectOptions): Promise<LifeSocket>;
    /** To be thrown when the server says in a message that it does not want this client: the life was refused, and did not fail. */
    refused(refusal: SpokenRefusal): Error;
    /** Registers how something of the client's own is thrown away when the life is over; called after every ending, last first. */
    onDispose(dispose: () => unknown): void;
}
export interface ConnectOptions {
    /** In place of the path of `life.url`; a query is added to the identity's. */
    readonly path?: string;
    /** Subprotocols to offer, before those of the identity. Default: those of the recipe. */
    readonly protocols?: readonly string[];
    /** Besides those of the identity. */
    readonly headers?: Readonly<Record<string, string>>;
    /** Whether an identity that is a message is sent first. Default: true; false for protocols that say it in a place of their own. */
    readonly introduce?: boolean;
    /** From the request to the answer, in milliseconds. Default: 5 000. */
    readonly timeoutMs?: number;
}
export interface LifeSocket {
    /** The subprotocol the server chose; empty when none. */
    readonly protocol: string;
    /** Nobody has begun to close it. */
    readonly isOpen: boolean;
    send(data: string | Uint8Array): void;
    sendJson(value: unknown): void;
    /** Resolves with the first message not taken yet that fits; text as string, binary as Uint8Array. Rejects at the deadline (default 5 000 ms). */
    next(fits?: (message: string | Uint8Array) => boolean, deadlineMs?: number): Promise<string | Uint8Array>;
    /** The same for messages that are JSON; others are skipped. */
    nextJson<T = unknown>(fits?: (message: T) => boolean, deadlineMs?: number): Promise<T>;
    /** Sends a WebSocket ping; whether its pong came in time (default 5 000 ms). */
    ping(deadlineMs?: number): Promise<boolean>;
    /** Closing handshake; resolves when closed, and breaks the connection off after 1 000 ms without an answer. */
    close(code?: number, reason?: string): Promise<void>;
    readonly closed: Promise<{
        readonly code: number;
        readonly reason: string;
    }>;
}
/** What became of one life. */
export interface LifeReport {
    readonly index: number;
    readonly ending: LifeEnding;
    /** The recipe was served: it resolved before the ending. Lives that are cut on the way count as served when they got so far. */
    readonly served: boolean;
    readonly refused: Refused | undefined;
    /** Why it was not served, in one sentence. */
    readonly failure: string | undefined;
    /** What went otherwise than asked, in one sentence: a recipe that never asks for an upgrade cannot be cut in one. */
    readonly note: string | undefined;
    /** When (performance.now) the ending was on the wire. */
    readonly endedAtMs: number;
    /** How and when the server let go of the last connection, where that can be seen. */
    readonly letGo: LetGo | undefined;
}
/** Runs client lives of one recipe. */
export interface LifeDrive {
    readonly recipe: Recipe;
    /** What one life is, for what is told of it: a connection, or a call of a function. */
    readonly each: 'connection' | 'call';
    /** Its clients say who they are in a message of theirs, the first one. */
    readonly introduces: boolean;
    /** Runs one life to its ending and waits at most `patienceMs` for the server to let go. Never rejects. */
    live(options: {
        readonly user: string;
        readonly ending: LifeEnding;
        readonly patienceMs: number;
    }): Promise<LifeReport>;
    /** Lives that vanished or stalled keep their connection until this. */
    releaseHeld(): Promise<void>;
    readonly heldCount: number;
    /** Connections ever made. */
    readonly madeCount: number;
    /** Ends everything, the recipe's companions too. Idempotent. */
    dispose(): Promise<void>;
}
