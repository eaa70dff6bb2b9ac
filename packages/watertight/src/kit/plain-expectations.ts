import type { Counted } from './counted.ts';
import type { Examined, ExaminedServer } from './examined.ts';
import type { ExpectNoLeaksOptions } from './expect-no-leaks-options.ts';
import { toHoldAtMost, toLeaveNothingBehind, toReleaseWithin, type Matched } from './matchers.ts';

/** The matcher `toReleaseWithin(ms)` as a function, for runners without `expect`. @throws AssertionError-like Error. */
export async function expectReleaseWithin(
  received: ExaminedServer | Counted,
  ms: number,
  options?: ExpectNoLeaksOptions,
): Promise<void> {
  demand(await toReleaseWithin(received, ms, options));
}

/** The matcher `toHoldAtMost(count)` as a function. @throws when more are held. */
export async function expectHoldAtMost(
  received: ExaminedServer | Counted,
  count: number,
  options?: ExpectNoLeaksOptions,
): Promise<void> {
  demand(await toHoldAtMost(received, count, options));
}

/** The matcher `toLeaveNothingBehind()` as a function. @throws when something grows with the cycles. */
export async function expectNothingBehind(received: Examined, options?: ExpectNoLeaksOptions): Promise<void> {
  demand(await toLeaveNothingBehind(received, options));
}

function demand({ pass, message }: Matched): void {
  if (!pass) throw new Error(message());
}
