import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import type { Gone } from './types.ts';

/** How and when (performance.now) the server let go of a connection, seen on the wire. */
export interface LetGo {
  readonly how: Gone;
  readonly atMs: number;
}

interface Waiter {
  readonly settle: (seen: LetGo | undefined) => void;
  readonly timer: NodeJS.Timeout;
}

/** Remembers the first sign that the server let go, and wakes those who wait for it. */
export class LettingGo {
  #seen: LetGo | undefined;
  #over = false;
  readonly #waiters = new Set<Waiter>();

  get seen(): LetGo | undefined {
    return this.#seen;
  }

  /** Only the first sign counts: a reset after a FIN is the echo of our own late bytes. */
  mark(how: Gone): void {
    if (this.#seen || this.#over) return;
    this.#seen = { how, atMs: performance.now() };
    this.#wake();
  }

  /** Nothing can be seen any more: our own side was reset or disposed. */
  giveUp(): void {
    this.#over = true;
    this.#wake();
  }

  wait(deadlineMs: number): Promise<LetGo | undefined> {
    if (this.#seen || this.#over || deadlineMs <= 0) return Promise.resolve(this.#seen);
    return new Promise((settle) => {
      const waiter: Waiter = {
        settle,
        timer: setTimeout(() => {
          this.#waiters.delete(waiter);
          settle(this.#seen);
        }, deadlineMs),
      };
      this.#waiters.add(waiter);
    });
  }

  #wake(): void {
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timer);
      waiter.settle(this.#seen);
    }
    this.#waiters.clear();
  }
}
