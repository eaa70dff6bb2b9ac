/**
 * What a client may do after it was refused or closed; the words of `@watertight/server`. `retry`: come back; `retry-later`: come back when
 * there may be room again, and not before an advertised delay; `do-not-retry`: not with the same credentials.
 */
export type Retry = 'retry' | 'retry-later' | 'do-not-retry';

/** Close codes with their verdict. Codes that are not listed: `retry`. A test compares this with what the server sends. */
export const CLOSE_CODE_VERDICTS: Readonly<Record<number, Retry>> = {
  1002: 'do-not-retry',
  1003: 'do-not-retry',
  1007: 'do-not-retry',
  1008: 'do-not-retry',
  1009: 'do-not-retry',
  1010: 'do-not-retry',
  1011: 'retry-later',
  1012: 'retry-later',
  1013: 'retry-later',
  4401: 'do-not-retry',
  4403: 'do-not-retry',
  4409: 'do-not-retry',
  4410: 'do-not-retry',
  4429: 'retry-later',
};

/** HTTP statuses with their verdict. Statuses that are not listed: `do-not-retry` below 500, else `retry-later`. */
export const HTTP_STATUS_VERDICTS: Readonly<Record<number, Retry>> = {
  408: 'retry',
  421: 'retry',
  425: 'retry',
  429: 'retry-later',
};

/** How one attempt or session ended, as far as the client can see. A browser sees code 1006 for everything that was refused over HTTP. */
export interface Ending {
  /** Of the close event. */
  readonly code: number;
  /** Of the close event. `…;retry=5000` advertises a delay in milliseconds. */
  readonly reason: string;
  /** Of the response that refused the upgrade, where it is known. */
  readonly httpStatus?: number | undefined;
  /** The `Retry-After` of that response: seconds, or a date. */
  readonly retryAfter?: string | undefined;
}

export interface Verdict {
  readonly retry: Retry;
  /** The delay that the server asked for in milliseconds, or `null`. */
  readonly retryAfterMs: number | null;
}

const ADVERTISED = /;retry=(\d{1,10})$/;
const SECONDS = /^\d{1,10}$/;
/** `Date.parse` makes a date of nearly anything that has a number in it. */
const DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;
/** It ends with its seconds or its year. */
const WITHOUT_ZONE = /(?::\d\d| \d{4})$/;

/** Reads how an attempt ended; `nowMs` is for a `Retry-After` that is a date. */
export function verdictOf({ code, reason, httpStatus, retryAfter }: Ending, nowMs: number = Date.now()): Verdict {
  if (httpStatus !== undefined) {
    return {
      retry: HTTP_STATUS_VERDICTS[httpStatus] ?? (httpStatus < 500 ? 'do-not-retry' : 'retry-later'),
      retryAfterMs: retryAfter === undefined ? null : delayOf(retryAfter, nowMs),
    };
  }
  const advertised = ADVERTISED.exec(reason)?.[1];
  return {
    retry: CLOSE_CODE_VERDICTS[code] ?? 'retry',
    retryAfterMs: advertised === undefined ? null : Number(advertised),
  };
}

function delayOf(retryAfter: string, nowMs: number): number | null {
  if (SECONDS.test(retryAfter)) return Number(retryAfter) * 1000;
  if (!DATE.test(retryAfter)) return null;
  // The oldest of the three forms that HTTP knows names no zone, and means GMT.
  const atMs = Date.parse(WITHOUT_ZONE.test(retryAfter) ? `${retryAfter} GMT` : retryAfter);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
