import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';

/** How slowly one direction of a connection passes on what it is given. */
export interface Pace {
  /** Milliseconds that each chunk is late. */
  readonly delayMs: number;
  /** Milliseconds between one byte and the next; 0: chunks stay whole. */
  readonly trickleMs: number;
}

export const AT_ONCE: Pace = { delayMs: 0, trickleMs: 0 };

/** So much may wait here before the sender is asked to hold on. */
const ROOM_BYTES = 64 * 1024;

export interface LaneOptions {
  readonly deliver: (chunk: Buffer) => void;
  /** More waits than there is room for; `onRoom` is called once that is over. */
  readonly onFull: () => void;
  readonly onRoom: () => void;
}

interface Waiting {
  readonly chunk: Buffer;
  readonly dueAtMs: number;
}

/** One direction of a connection. At full pace everything passes in the stretch of code that brings it; nothing ever overtakes. */
export class Lane {
  readonly #options: LaneOptions;
  #pace = AT_ONCE;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isFull = false;
  #timer: NodeJS.Timeout | undefined;
  #finish: (() => void) | undefined;
  #takenCount = 0;
  #deliveredCount = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Chunks that it was ever given. */
  get takenCount(): number {
    return this.#takenCount;
  }

  /** The first so many of them have been passed on. */
  hasDelivered(count: number): boolean {
    return this.#deliveredCount >= count;
  }

  /** For what comes from now on; a trickle also slows what waits already. */
  setPace(pace: Pace): void {
    this.#pace = pace;
  }

  push(chunk: Buffer): void {
    const { delayMs, trickleMs } = this.#pace;
    this.#takenCount += 1;
    if (this.isEmpty && delayMs === 0 && trickleMs === 0) {
      this.#deliveredCount += 1;
      return this.#options.deliver(chunk);
    }
    this.#waiting.push({ chunk, dueAtMs: performance.now() + Math.max(delayMs, trickleMs) });
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > ROOM_BYTES && !this.#isFull) {
      this.#isFull = true;
      this.#options.onFull();
    }
    this.#arm();
  }

  /** Called behind everything that waits. */
  finish(run: () => void): void {
    if (this.isEmpty) run();
    else this.#finish = run;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#finish = undefined;
  }

  #arm(): void {
    const [first] = this.#waiting;
    if (first === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#next();
      },
      Math.max(0, first.dueAtMs - performance.now()),
    );
  }

  #next(): void {
    const first = this.#waiting.shift();
    if (first === undefined) return;
    const { trickleMs } = this.#pace;
    const now = trickleMs > 0 ? first.chunk.subarray(0, 1) : first.chunk;
    const later = first.chunk.subarray(now.length);
    if (later.length > 0) this.#waiting.unshift({ chunk: later, dueAtMs: performance.now() + trickleMs });
    else this.#deliveredCount += 1;
    this.#waitingBytes -= now.length;
    this.#options.deliver(now);
    if (this.#isFull && this.#waitingBytes <= ROOM_BYTES) {
      this.#isFull = false;
      this.#options.onRoom();
    }
    if (!this.isEmpty) return this.#arm();
    const finish = this.#finish;
    this.#finish = undefined;
    finish?.();
  }
}
