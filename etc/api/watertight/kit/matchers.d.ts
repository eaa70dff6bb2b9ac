import { type Counted } from './counted.ts';
import type { Examined, ExaminedServer } from './examined.ts';
import type { ExpectNoLeaksOptions } from './expect-no-leaks-options.ts';
/** What `expect.extend` of Vitest and Jest takes. */
export interface Matched {
    readonly pass: boolean;
    readonly message: () => string;
}
/** The promises that a matcher adds to `expect(…)`; each has to be awaited. */
export interface LeakMatchers {
    /**
     * A server: after every way to end, slot, socket and finalizers are gone within `ms` milliseconds. A factory of `@watertight/server`, or
     * a function that counts: nothing is held any more within `ms` from now.
     */
    toReleaseWithin(ms: number, options?: ExpectNoLeaksOptions): Promise<void>;
    /** A server: no user holds more than `count` connections, also in a race. A factory or a function that counts: at most `count` now. */
    toHoldAtMost(count: number, options?: ExpectNoLeaksOptions): Promise<void>;
    /** A server, or a function called again and again: nothing grows with the cycles, whatever way they end. */
    toLeaveNothingBehind(options?: ExpectNoLeaksOptions): Promise<void>;
}
export declare function toReleaseWithin(received: ExaminedServer | Counted, ms: number, options?: ExpectNoLeaksOptions): Promise<Matched>;
export declare function toHoldAtMost(received: ExaminedServer | Counted, count: number, options?: ExpectNoLeaksOptions): Promise<Matched>;
export declare function toLeaveNothingBehind(received: Examined, options?: ExpectNoLeaksOptions): Promise<Matched>;
