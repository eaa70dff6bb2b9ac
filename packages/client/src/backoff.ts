/** How long to wait before coming back. */
export interface Backoff {
  /** Milliseconds within which the first attempt falls. Default 500. */
  readonly firstMs: number;
  /** Milliseconds within which attempts fall at most. Default 30 000. */
  readonly maxMs: number;
}

export const DEFAULT_BACKOFF: Backoff = { firstMs: 500, maxMs: 30_000 };

/**
 * Full jitter: anywhere between nothing and a bound that doubles with each attempt in vain, so that clients that were sent away together do
 * not come back together. What the server asked for is waited for before that.
 *
 * @param attemptsInVain 0 for the first
 * @param random from 0 up to 1
 */
export function delayBefore(
  attemptsInVain: number,
  retryAfterMs: number | null,
  { firstMs, maxMs }: Backoff,
  random: number,
): number {
  return Math.round((retryAfterMs ?? 0) + random * Math.min(maxMs, firstMs * 2 ** Math.min(attemptsInVain, 30)));
}
