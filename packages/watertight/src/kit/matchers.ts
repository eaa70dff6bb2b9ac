import { countOf, isCounted, watchRelease, type Counted } from './counted.ts';
import type { Examined, ExaminedServer } from './examined.ts';
import { checkExamined } from './examined-argument.ts';
import { examineForTests } from './expect-no-leaks.ts';
import type { ExpectNoLeaksOptions } from './expect-no-leaks-options.ts';
import { LeakError } from './leak-error.ts';

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

export async function toReleaseWithin(
  received: ExaminedServer | Counted,
  ms: number,
  options: ExpectNoLeaksOptions = {},
): Promise<Matched> {
  requireNumber('toReleaseWithin', ms, 'milliseconds');
  if (!isCounted(received))
    return await match('toReleaseWithin', received, {
      ...options,
      only: ['manager-cleanup-timing-precision'],
      deadlineMs: ms,
    });
  const { heldBefore, held, afterMs } = await watchRelease(received, ms);
  return {
    pass: afterMs !== undefined,
    message: () =>
      afterMs === undefined
        ? `${held} of ${heldBefore} are still held after ${ms} ms`
        : `all ${heldBefore} were released after ${Math.round(afterMs)} ms, within ${ms} ms`,
  };
}

export async function toHoldAtMost(
  received: ExaminedServer | Counted,
  count: number,
  options: ExpectNoLeaksOptions = {},
): Promise<Matched> {
  requireNumber('toHoldAtMost', count, 'managers');
  if (!isCounted(received))
    return await match('toHoldAtMost', received, {
      ...options,
      only: ['manager-creation-limit-enforcement'],
      limit: count,
    });
  const held = countOf(received);
  return { pass: held <= count, message: () => `${held} are held; ${count} are allowed` };
}

export async function toLeaveNothingBehind(received: Examined, options: ExpectNoLeaksOptions = {}): Promise<Matched> {
  return await match('toLeaveNothingBehind', received, { ...options, only: ['rapid-connection-cycles-stress'] });
}

/** Neither the matcher nor its opposite holds where nothing could be told. */
async function match(matcher: string, examined: Examined, options: ExpectNoLeaksOptions): Promise<Matched> {
  // What a test holds to a promise is there; only expectNoLeaks() takes what the config names.
  checkExamined(matcher, examined);
  const { result, failure } = await examineForTests(examined, options);
  const error = new LeakError(result, failure);
  if (result.verdict === 'inconclusive') throw error;
  const pass = result.verdict === 'watertight';
  return { pass, message: () => (pass ? `${result.target.label} is watertight` : error.message) };
}

function requireNumber(matcher: string, value: unknown, unit: string): void {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new TypeError(`${matcher}(${String(value)}): expected a number of ${unit} of at least 0`);
}
