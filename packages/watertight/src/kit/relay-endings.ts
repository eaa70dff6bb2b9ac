import { forbiddenFrame, goodbyeFrame, oversizedHead, partOfFrame } from '../drive/frames.ts';
import type { Strand } from '../drive/strand.ts';
import { WIRE_ENDINGS } from '../drive/wire-endings.ts';

/** How a relay ends a connection, by the names that `watertight check` uses. */
export type RelayEnding =
  | 'close-frame' // a close frame with the code 1000
  | 'fin' // the TCP connection is half-closed without a close frame
  | 'rst' // reset
  | 'vanish' // nothing arrives any more either way, no FIN
  | 'stall' // nothing more is read from the server
  | 'protocol-error' // a frame that the protocol forbids
  | 'oversized-frame' // the head of a frame larger than any server takes
  | 'mid-frame' // reset in the middle of a frame
  | 'abort-in-upgrade' // reset when the request has been sent, before its answer
  | 'abort-after-response'; // reset as soon as the request was answered

/** Endings of the handshake: they can only befall a connection that is still to come. */
export type EarlyEnding = 'abort-in-upgrade' | 'abort-after-response';

/** @throws TypeError for what is no ending: a test whose connection never ended would pass for the wrong reason. */
export function checkEnding(caller: string, ending: unknown): asserts ending is RelayEnding {
  if (typeof ending === 'string' && Object.hasOwn(WIRE_ENDINGS, ending)) return;
  throw new TypeError(
    `${caller}(${JSON.stringify(ending)}): there is no such ending; expected one of ${Object.keys(WIRE_ENDINGS).join(', ')}`,
  );
}

export function isEarly(ending: RelayEnding): ending is EarlyEnding {
  return ending === 'abort-in-upgrade' || ending === 'abort-after-response';
}

/**
 * What the client wrote before an ending arrives before it, however long a delay or a trickle holds it; where the server does not read,
 * the ending waits 100 ms more at most.
 */
export async function carryOutHere(ending: Exclude<RelayEnding, EarlyEnding>, strand: Strand): Promise<void> {
  if (ending === 'stall') return strand.stall();
  await strand.flushed();
  switch (ending) {
    case 'close-frame':
      return await say(strand, goodbyeFrame());
    case 'protocol-error':
      return await say(strand, forbiddenFrame());
    case 'oversized-frame':
      return await say(strand, oversizedHead());
    case 'mid-frame':
      await say(strand, partOfFrame());
      return strand.reset();
    case 'fin':
      return await strand.halfClose();
    case 'rst':
      return strand.reset();
    case 'vanish':
      return strand.goDeaf();
  }
}

/** Nothing of the client may follow: it would be read as the rest of what was said here. */
async function say(strand: Strand, bytes: Buffer): Promise<void> {
  strand.mute();
  strand.inject(bytes);
  await strand.flushed();
}
