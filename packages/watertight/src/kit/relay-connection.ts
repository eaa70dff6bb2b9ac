import { performance } from 'node:perf_hooks';
import type { Strand } from '../drive/strand.ts';
import { checkedMs } from './milliseconds.ts';
import { carryOutHere, checkEnding, isEarly, type RelayEnding } from './relay-endings.ts';

/** How long a connection that was said goodbye to keeps its side open for the server to close first. */
const GOODBYE_MS = 600_000;

/** One connection through a relay. Every method is safe at any time, also when the connection is gone. */
export class RelayConnection {
  readonly #strand: Strand;
  #endedAtMs: number | undefined;

  /** @internal Made by a relay. */
  constructor(strand: Strand) {
    this.#strand = strand;
  }

  /** The remote port that the server sees; 0 before it is connected. */
  get serverPort(): number {
    return this.#strand.upstreamPort;
  }

  /** Why there is no connection to the server, or why it broke; `undefined` when neither. */
  get failure(): string | undefined {
    return this.#strand.failure;
  }

  /**
   * Ends it, whatever the client at its other side wants; resolves when that is on the wire, behind what the client said before it: with a
   * delay or a trickle when that has arrived.
   *
   * @throws Error for an ending of the handshake: those are for connections to come, `relay.endNext(ending)`; TypeError for what is none.
   */
  async end(ending: RelayEnding): Promise<void> {
    checkEnding('end', ending);
    if (isEarly(ending))
      throw new Error(`"${ending}" ends a handshake, not a connection: use relay.endNext(${JSON.stringify(ending)})`);
    await carryOutHere(ending, this.#strand);
    this.#endedAtMs = performance.now();
    // A server that has said goodbye too waits for our side.
    if (ending === 'close-frame' || ending === 'protocol-error' || ending === 'oversized-frame')
      void this.#strand.gone(GOODBYE_MS).then(async (seen) => {
        if (seen !== undefined) await this.#strand.halfClose();
      });
  }

  /** Passes nothing on in either direction any more, and says nothing: a cable that was pulled. */
  goDeaf(): void {
    this.#strand.goDeaf();
  }

  /** Reads nothing of the server any more; its buffers fill up. */
  stall(): void {
    this.#strand.stall();
  }

  /** Reads on after a stall; nothing of what the server sent meanwhile is lost. */
  resume(): void {
    this.#strand.resume();
  }

  /**
   * How the server let go of its side (`fin` or `rst`), and how long after the ending; `undefined` when it did not within `withinMs`
   * milliseconds, or where a reset of ours hides it.
   *
   * @throws RangeError for a time that is none, or above 600 000 milliseconds.
   */
  async letGo(withinMs: number): Promise<{ readonly how: 'fin' | 'rst'; readonly afterMs: number } | undefined> {
    checkedMs('letGo', withinMs);
    const seen = await this.#strand.gone(withinMs);
    return seen && { how: seen.how, afterMs: Math.max(0, seen.atMs - (this.#endedAtMs ?? seen.atMs)) };
  }
}
