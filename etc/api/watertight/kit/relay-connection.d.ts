import { type RelayEnding } from './relay-endings.ts';
/** One connection through a relay. Every method is safe at any time, also when the connection is gone. */
export declare class RelayConnection {
    #private;
    /** The remote port that the server sees; 0 before it is connected. */
    get serverPort(): number;
    /** Why there is no connection to the server, or why it broke; `undefined` when neither. */
    get failure(): string | undefined;
    /**
     * Ends it, whatever the client at its other side wants; resolves when that is on the wire, behind what the client said before it: with a
     * delay or a trickle when that has arrived.
     *
     * @throws Error for an ending of the handshake: those are for connections to come, `relay.endNext(ending)`; TypeError for what is none.
     */
    end(ending: RelayEnding): Promise<void>;
    /** Passes nothing on in either direction any more, and says nothing: a cable that was pulled. */
    goDeaf(): void;
    /** Reads nothing of the server any more; its buffers fill up. */
    stall(): void;
    /** Reads on after a stall; nothing of what the server sent meanwhile is lost. */
    resume(): void;
    /**
     * How the server let go of its side (`fin` or `rst`), and how long after the ending; `undefined` when it did not within `withinMs`
     * milliseconds, or where a reset of ours hides it.
     *
     * @throws RangeError for a time that is none, or above 600 000 milliseconds.
     */
    letGo(withinMs: number): Promise<{
        readonly how: 'fin' | 'rst';
        readonly afterMs: number;
    } | undefined>;
}
