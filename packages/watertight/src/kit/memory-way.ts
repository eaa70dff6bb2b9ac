import { performance } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers';

/** One direction of a connection in memory: everything takes the same time, and nothing overtakes. */
export class MemoryWay {
  readonly #delayMs: number;
  #onTheWay: { readonly arrive: () => void; readonly dueAtMs: number }[] = [];
  #isArmed = false;
  #isCut = false;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  send(arrive: () => void): void {
    if (this.#isCut) return;
    this.#onTheWay.push({ arrive, dueAtMs: performance.now() + this.#delayMs });
    this.#arm();
  }

  /** Everything is lost, now and later. */
  cut(): void {
    this.#isCut = true;
    this.#onTheWay = [];
  }

  #arm(): void {
    const [first] = this.#onTheWay;
    if (first === undefined || this.#isArmed) return;
    this.#isArmed = true;
    const arrive = (): void => {
      this.#isArmed = false;
      this.#arrive();
    };
    // Never in the turn in which it was sent: no network is that quick.
    if (this.#delayMs === 0) setImmediate(arrive);
    else setTimeout(arrive, Math.max(0, first.dueAtMs - performance.now()));
  }

  #arrive(): void {
    const nowMs = performance.now();
    for (;;) {
      const [first] = this.#onTheWay;
      if (first === undefined || (this.#delayMs > 0 && first.dueAtMs > nowMs)) break;
      this.#onTheWay.shift();
      first.arrive();
    }
    this.#arm();
  }
}
