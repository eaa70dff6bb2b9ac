/** How long after the last word something is asked, in milliseconds; once all have passed, the kernel has acknowledged by itself. */
const PAUSES_MS = [1, 2, 4, 8, 16];

/**
 * Node's inspector leaves Nagle's algorithm on (RFC 896): whatever it says next is kept back until its last word is acknowledged, and a
 * kernel that has nothing to send puts that off for 40 ms (RFC 1122, 4.2.3.2). So as long as somebody waits and nobody says anything, something is
 * said that carries the acknowledgement.
 */
export class Nudge {
  readonly #say: () => void;
  readonly #isAwaited: () => boolean;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `say` is called at most five times in a row; its answers are told by {@link answered}. */
  constructor(say: () => void, isAwaited: () => boolean) {
    this.#say = say;
    this.#isAwaited = isAwaited;
  }

  /** Something came that is no answer to `say`. */
  heard(): void {
    this.stop();
    this.#arm();
  }

  /** `say` was answered, and that as well has to be acknowledged. */
  answered(): void {
    this.#arm();
  }

  /** Nothing is to be acknowledged: something was said, or it is all over. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#count = 0;
  }

  #arm(): void {
    const pauseMs = PAUSES_MS[this.#count];
    if (pauseMs === undefined || this.#timer !== undefined || !this.#isAwaited()) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#isAwaited()) return;
      this.#count += 1;
      this.#say();
    }, pauseMs);
  }
}
