import type { Clock, Timer } from '@watertight/server';
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
export declare class FakeClock implements Clock {
    #private;
    /** Timers that are armed. */
    get armedCount(): number;
    now(): number;
    wallNow(): number;
    setTimeout(run: () => void, delayMs: number): Timer;
    setInterval(run: () => void, intervalMs: number): Timer;
    clear(timer: Timer): void;
    setImmediate(run: () => void): void;
    /** Lets everything happen that needs no time: promises, and what was put off to the next turn. */
    settle(): Promise<void>;
    /** Moves time on by `byMs` milliseconds and runs every timer when it is due, one after another. @throws RangeError for less than 0. */
    advance(byMs: number): Promise<void>;
}
