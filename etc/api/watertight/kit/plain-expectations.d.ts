import type { Counted } from './counted.ts';
import type { Examined, ExaminedServer } from './examined.ts';
import type { ExpectNoLeaksOptions } from './expect-no-leaks-options.ts';
/** The matcher `toReleaseWithin(ms)` as a function, for runners without `expect`. @throws AssertionError-like Error. */
export declare function expectReleaseWithin(received: ExaminedServer | Counted, ms: number, options?: ExpectNoLeaksOptions): Promise<void>;
/** The matcher `toHoldAtMost(count)` as a function. @throws when more are held. */
export declare function expectHoldAtMost(received: ExaminedServer | Counted, count: number, options?: ExpectNoLeaksOptions): Promise<void>;
/** The matcher `toLeaveNothingBehind()` as a function. @throws when something grows with the cycles. */
export declare function expectNothingBehind(received: Examined, options?: ExpectNoLeaksOptions): Promise<void>;
