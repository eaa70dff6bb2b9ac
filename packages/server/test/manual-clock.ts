import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Timer } from '../src/clock.ts';

interface ManualTimer {
  dueAtMs: number;
  readonly intervalMs: number | undefined;
  readonly run: () => void;
}

/** Time that moves only when a test moves it. */
export class ManualClock implements Clock {
  readonly #timers = new Set<ManualTimer>();
  #immediates: (() => void)[] = [];
  #arrivals: (() => void)[] = [];
  #nowMs: number;
  #sleptMs = 0;

  constructor(startMs = 1000) {
    this.#nowMs = startMs;
  }

  /** Timers that are armed. */
  get armed(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  wallNow(): number {
    return this.#nowMs + this.#sleptMs;
  }

  /** The machine sleeps: only wall time passes. */
  sleep(forMs: number): void {
    this.#sleptMs += forMs;
  }

  setTimeout(run: () => void, delayMs: number): Timer {
    const timer: ManualTimer = { dueAtMs: this.#nowMs + delayMs, intervalMs: undefined, run };
    this.#timers.add(timer);
    return timer;
  }

  setInterval(run: () => void, intervalMs: number): Timer {
    const timer: ManualTimer = { dueAtMs: this.#nowMs + intervalMs, intervalMs, run };
    this.#timers.add(timer);
    return timer;
  }

  clear(timer: Timer): void {
    this.#timers.delete(timer as ManualTimer);
  }

  setImmediate(run: () => void): void {
    this.#immediates.push(run);
  }

  /** What the network has for us in the turn of the next timer: read after the timer and before what it put off to the next turn. */
  arrive(read: () => void): void {
    this.#arrivals.push(read);
  }

  /** Lets everything happen that needs no time: promises, and what waits for the next turn. */
  async settle(): Promise<void> {
    await nextTurn();
    while (this.#immediates.length > 0) {
      const immediates = this.#immediates;
      this.#immediates = [];
      for (const run of immediates) run();
      await nextTurn();
    }
  }

  /** Moves time on, running every timer when it is due. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    await this.settle();
    for (let timer = this.#next(untilMs); timer !== undefined; timer = this.#next(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueAtMs);
      if (timer.intervalMs === undefined) this.#timers.delete(timer);
      else timer.dueAtMs += timer.intervalMs;
      timer.run();
      for (const read of this.#arrivals.splice(0)) read();
      await this.settle();
    }
    // What ran may have taken longer.
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    await this.settle();
  }

  /** The event loop stands still: time passes and nothing runs. Timers are late from then on. */
  stall(forMs: number): void {
    this.#nowMs += forMs;
  }

  #next(untilMs: number): ManualTimer | undefined {
    let next: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAtMs <= untilMs && (next === undefined || timer.dueAtMs < next.dueAtMs)) next = timer;
    }
    return next;
  }
}
