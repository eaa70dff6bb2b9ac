// @ts-check
// How long the storm lasts, and how fast it may come. One timer and one set for everybody: a listener on one AbortSignal for each of
// thousands costs the generator more than all it sends, and what it cannot do in time comes in bursts that nobody meant.

const TICK_MS = 1;
const MOST_AT_ONCE = 2;

export class Rage {
  #isOver = false;
  /** @type {Set<() => void>} */
  #ends = new Set();
  /** @type {(() => void)[]} */
  #queue = [];
  /** @type {NodeJS.Timeout} */
  #ticking;

  /** @param {number} dialsPerSecond as many connections are begun, evenly; who comes when it is late waits, and is not made up for */
  constructor(dialsPerSecond) {
    let dueCount = 0;
    let seenAtMs = performance.now();
    this.#ticking = setInterval(() => {
      const nowMs = performance.now();
      dueCount = Math.min(dueCount + ((nowMs - seenAtMs) * dialsPerSecond) / 1000, MOST_AT_ONCE);
      seenAtMs = nowMs;
      for (; dueCount >= 1 && this.#queue.length > 0; dueCount -= 1) this.#queue.shift()?.();
    }, TICK_MS);
  }

  get isOver() {
    return this.#isOver;
  }

  /** Waits, unless the storm ends before. @param {number} ms @returns {Promise<void>} */
  pause(ms) {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#ends.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#ends.add(done);
    });
  }

  /** Waits until it may begin a connection. @returns {Promise<void>} */
  turn() {
    return this.#isOver ? Promise.resolve() : new Promise((resolve) => this.#queue.push(resolve));
  }

  /** Waits until the other side lets go; at the end of the storm it is let go. @param {import('node:net').Socket} socket @returns {Promise<void>} */
  async letGo(socket) {
    if (socket.closed) return;
    const give = () => socket.destroy();
    this.#ends.add(give);
    if (this.#isOver) give();
    await new Promise((resolve) => socket.once('close', resolve));
    this.#ends.delete(give);
  }

  end() {
    this.#isOver = true;
    clearInterval(this.#ticking);
    for (const resolve of this.#queue.splice(0)) resolve();
    for (const end of this.#ends) end();
  }
}
