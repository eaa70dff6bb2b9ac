import type { Strand } from '../drive/strand.ts';
/** How a relay ends a connection, by the names that `watertight check` uses. */
export type RelayEnding = 'close-frame' | 'fin' | 'rst' | 'vanish' | 'stall' | 'protocol-error' | 'oversized-frame' | 'mid-frame' | 'abort-in-upgrade' | 'abort-after-response';
/** Endings of the handshake: they can only befall a connection that is still to come. */
export type EarlyEnding = 'abort-in-upgrade' | 'abort-after-response';
/** @throws TypeError for what is no ending: a test whose connection never ended would pass for the wrong reason. */
export declare function checkEnding(caller: string, ending: unknown): asserts ending is RelayEnding;
export declare function isEarly(ending: RelayEnding): ending is EarlyEnding;
/**
 * What the client wrote before an ending arrives before it, however long a delay or a trickle holds it; where the server does not read,
 * the ending waits 100 ms more at most.
 */
export declare function carryOutHere(ending: Exclude<RelayEnding, EarlyEnding>, strand: Strand): Promise<void>;
