import { type Backoff, DEFAULT_BACKOFF } from './backoff.ts';
import type { Ending, Verdict } from './verdicts.ts';

/** The part of a WebSocket that is used: the browser's, Node's own, and that of the `ws` package have it. */
export interface WebSocketLike {
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
}

export interface KeepConnectedOptions<Socket extends WebSocketLike> {
  /** A socket is open. */
  readonly onOpen?: (socket: Socket) => void;
  /** A socket has ended, and the next attempt is `delayMs` away. `stop()` is a good answer where `retry` is `retry-later` and nothing will change. */
  readonly onWait?: (wait: Verdict & { readonly delayMs: number; readonly ending: Ending }) => void;
  /** It is of no use to come back: the verdict was `do-not-retry`. Not called after `stop()`. */
  readonly onStop?: (ending: Ending) => void;
  /** Default 500 ms to 30 s; one that is left out follows the other where it would contradict it. */
  readonly backoff?: Partial<Backoff>;
  /** Milliseconds a socket has to stay open for the next delay to be short again. Default 10 000. */
  readonly stableAfterMs?: number;
  /** Milliseconds a socket may take to open; one that takes longer is let go of, and was an attempt in vain. Default 30 000; `false`: as long as it likes. */
  readonly openTimeoutMs?: number | false;
  /** From 0 up to 1. Default `Math.random`. */
  readonly random?: () => number;
}

/** The longest delay a timer takes, in milliseconds (24.8 days). */
export const MAX_TIMER_MS = 2 ** 31 - 1;

interface ResolvedOptions {
  readonly backoff: Backoff;
  readonly stableAfterMs: number;
  readonly openTimeoutMs: number | false;
  readonly random: () => number;
}

const FUNCTIONS = ['onOpen', 'onWait', 'onStop', 'random'] as const;
const KNOWN: readonly string[] = [...FUNCTIONS, 'backoff', 'stableAfterMs', 'openTimeoutMs'];
const BACKOFF: readonly string[] = ['firstMs', 'maxMs'] satisfies (keyof Backoff)[];

/** @throws RangeError, or TypeError, for the first that is wrong. */
export function resolveOptions<Socket extends WebSocketLike>(options: KeepConnectedOptions<Socket>): ResolvedOptions {
  requireKnown('options', options, KNOWN);
  const { backoff = {}, stableAfterMs = 10_000, openTimeoutMs = 30_000, random = Math.random } = options;
  requireKnown('backoff', backoff, BACKOFF);
  for (const name of FUNCTIONS) {
    const given: unknown = options[name];
    if (given !== undefined && typeof given !== 'function')
      throw new TypeError(`${name} must be a function, got ${typeof given}`);
  }
  for (const [name, valueMs] of Object.entries({ ...backoff, stableAfterMs }))
    if (valueMs !== undefined) requireDelay(name, valueMs);
  // Of two that are given both are meant; of one, the default of the other is not.
  const { firstMs = Math.min(DEFAULT_BACKOFF.firstMs, backoff.maxMs ?? Infinity) } = backoff;
  const { maxMs = Math.max(DEFAULT_BACKOFF.maxMs, firstMs) } = backoff;
  if (openTimeoutMs !== false) requireDelay('openTimeoutMs', openTimeoutMs, { leastMs: 1, orElse: ', or false' });
  if (firstMs > maxMs) throw new RangeError(`firstMs (${firstMs} ms) must be at most maxMs (${maxMs} ms)`);
  return { backoff: { firstMs, maxMs }, stableAfterMs, openTimeoutMs, random };
}

/** One that is misspelt would be in force nowhere, and nobody would know. */
function requireKnown(what: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null)
    throw new TypeError(`${what} must be an object, got ${String(given)}`);
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new TypeError(`${unknown.join(', ')}: no such option; ${what} may have ${known.join(', ')}`);
}

function requireDelay(name: string, valueMs: unknown, { leastMs = 0, orElse = '' } = {}): void {
  if (typeof valueMs === 'number' && valueMs >= leastMs && valueMs <= MAX_TIMER_MS) return;
  throw new RangeError(
    `${name} must be a number from ${leastMs} to ${MAX_TIMER_MS} ms${orElse}, got ${String(valueMs)}`,
  );
}
