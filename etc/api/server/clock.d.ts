/** The longest delay a Node timer takes, in milliseconds (24.8 days); a longer one would be over at once. */
export declare const MAX_TIMER_MS: number;
/** A running timer of a {@link Clock}. */
export type Timer = object | number;
/**
 * Where a factory takes its time from. Everything that waits goes through it, so a test can drive time by hand.
 * Timers of the system clock are `unref`ed: a manager never keeps a process alive.
 */
export interface Clock {
    /** Monotonic milliseconds; only differences mean something. */
    now(): number;
    /**
     * Milliseconds of wall time; only differences mean something. Monotonic time stands still while a machine sleeps, wall time does not: so
     * a sleep is seen. Optional: without it none is.
     */
    wallNow?(): number;
    setTimeout(run: () => void, delayMs: number): Timer;
    setInterval(run: () => void, intervalMs: number): Timer;
    /** Stops a timer of either kind; unknown and finished ones are ignored. */
    clear(timer: Timer): void;
    /** Runs after the I/O that is waiting now has been handled. */
    setImmediate(run: () => void): void;
}
/** `performance.now` and Node's timers. */
export declare const systemClock: Clock;
