import { atEnd } from './factory-kit.ts';

const TICK_MS = 5;
/** What lies further apart than this was held up: by a machine, or a loop, that stood still. */
const MAX_TICK_MS = 20;

/** A clock that stands still while this process does: whoever did not run cannot have been in time. */
export class RunClock {
  #ranMs = 0;
  #heldUpMs = 0;
  #lastMs = performance.now();

  /** Stopped after the test. */
  constructor() {
    const ticking = setInterval(() => this.#tick(), TICK_MS);
    atEnd(() => clearInterval(ticking));
  }

  /** How long this process ran since the clock was made. */
  ranMs(): number {
    this.#tick();
    return this.#ranMs;
  }

  /** How long it did not. */
  heldUpMs(): number {
    this.#tick();
    return this.#heldUpMs;
  }

  #tick(): void {
    const nowMs = performance.now();
    const passedMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    this.#ranMs += Math.min(passedMs, MAX_TICK_MS);
    this.#heldUpMs += Math.max(0, passedMs - MAX_TICK_MS);
  }
}
