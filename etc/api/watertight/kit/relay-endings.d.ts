import type { Strand } from '../drive/strand.ts';
/** How a relay ends a connection, by the names that `watertight check` uses. */
export type RelayEnding = 'close-frame' | 'fin' | 'rst' | 'vanish' | 'stall' | 'protocol-error' | 'oversized-frame' | 'mid-frame' | 'abort-in-upgrade' | 'abort-after-response';
/** Endings of the handshake: they can only befall a connection that is still to come. */
export type EarlyEnding = 'abort-in-upgrade' | 'abort-after-response';
export declare function isEarly(ending: RelayEnding): ending is EarlyEnding;
/** What the client wrote before an ending arrives before it, unless the server does not read: then the ending waits 100 ms at most. */
export declare function carryOutHere(ending: Exclude<RelayEnding, EarlyEnding>, strand: Strand): Promise<void>;
