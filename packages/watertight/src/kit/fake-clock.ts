import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Timer } from '@watertight/server';

interface FakeTimer {
  dueAtMs: number;
  readonly intervalMs: number | undefined;
  readonly run: () => void;
}

/**
 * A clock for `createManagerFactory({ clock })` that moves only when a test moves it: heartbeats, deadlines and sweeps of minutes
 * pass at once, and always in the same order.
 *
 * @example
 * ```ts
 * const clock = new FakeClock();
 * const factory = createManagerFactory({ clock });
 * await clock.advance(30_000);
 * ```
 */
export class FakeClock implements Clock {
  readonly #timers = new Set<FakeTimer>();
  #immediates: (() => void)[] = [];
  #nowMs = 0;

  /** Timers that are armed. */
  get armedCount(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  wallNow(): number {
    return this.#nowMs;
  }

  setTimeout(run: () => void, delayMs: number): Timer {
    return this.#arm({ dueAtMs: this.#nowMs + delayMs, intervalMs: undefined, run });
  }

  setInterval(run: () => void, intervalMs: number): Timer {
    return this.#arm({ dueAtMs: this.#nowMs + intervalMs, intervalMs, run });
  }

  clear(timer: Timer): void {
    this.#timers.delete(timer as FakeTimer);
  }

  setImmediate(run: () => void): void {
    this.#immediates.push(run);
  }

  /** Lets everything happen that needs no time: promises, and what was put off to the next turn. */
  async settle(): Promise<void> {
    await nextTurn();
    while (this.#immediates.length > 0) {
      for (const run of this.#immediates.splice(0)) run();
      await nextTurn();
    }
  }

  /** Moves time on by `byMs` milliseconds and runs every timer when it is due, one after another. @throws RangeError for less than 0. */
  async advance(byMs: number): Promise<void> {
    if (!Number.isFinite(byMs) || byMs < 0)
      throw new RangeError(`FakeClock.advance(${byMs}): expected a number of milliseconds of at least 0`);
    const untilMs = this.#nowMs + byMs;
    await this.settle();
    for (let timer = this.#nextBy(untilMs); timer !== undefined; timer = this.#nextBy(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueAtMs);
      if (timer.intervalMs === undefined) this.#timers.delete(timer);
      // An interval of 0 would never let time pass.
      else timer.dueAtMs += Math.max(1, timer.intervalMs);
      timer.run();
      await this.settle();
    }
    this.#nowMs = untilMs;
  }

  #arm(timer: FakeTimer): Timer {
    this.#timers.add(timer);
    return timer;
  }

  #nextBy(untilMs: number): FakeTimer | undefined {
    let next: FakeTimer | undefined;
    for (const timer of this.#timers)
      if (timer.dueAtMs <= untilMs && (next === undefined || timer.dueAtMs < next.dueAtMs)) next = timer;
    return next;
  }
}
