import type { Socket } from 'node:net';

/** The way behind it is full; whoever it is passed on to does not read; it stands still on purpose. */
type Reason = 'lane' | 'receiver' | 'stall';

/** Keeps a socket from being read for as long as anybody has a reason: what one of them gives up, another may still have. */
export class Brake {
  readonly #socket: Socket;
  readonly #reasons = new Set<Reason>();

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  hold(reason: Reason): void {
    this.#reasons.add(reason);
    this.#socket.pause();
  }

  /** Nothing where it was not held for that. */
  release(reason: Reason): void {
    if (this.#reasons.delete(reason) && this.#reasons.size === 0) this.#socket.resume();
  }

  /** Until `full` has room again, or is gone: with one listener, however often it is called before. */
  holdUntilDrained(full: Socket): void {
    if (this.#reasons.has('receiver')) return;
    this.hold('receiver');
    const over = (): void => {
      full.off('drain', over).off('close', over);
      this.release('receiver');
    };
    full.on('drain', over).on('close', over);
  }
}
