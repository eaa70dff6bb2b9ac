import type { Clock } from '../clock.ts';

/**
 * What time it is at the store, told from the node's monotonic clock. The store read its clock somewhere between the request and its answer,
 * so an answer says between which bounds the difference lies (Cristian, "Probabilistic clock synchronization", 1989). What was known
 * before is moved no further than into them: a late answer has wide ones, and would else make the node's next leases seem older than they are.
 */
export class StoreClock {
  readonly #clock: Clock;
  /** The store's clock minus ours. */
  #offsetMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = Date.now() - clock.now();
  }

  now(): number {
    return this.#clock.now() + this.#offsetMs;
  }

  /** An answer has just come to a request sent at `sentAtMs` of the node's clock; the store's said `storeNowMs`. */
  heard(storeNowMs: number, sentAtMs: number): void {
    const [least, most] = [storeNowMs - this.#clock.now(), storeNowMs - sentAtMs];
    this.#offsetMs = Math.min(Math.max(this.#offsetMs, least), most);
  }
}
