/** What a client may do after it was refused or closed; the words of `@watertight/server`. */
export type Retry = 'after-release' | 'with-backoff' | 'never';

/** Close codes with their verdict. Codes that are not listed: `with-backoff`. A test compares this with what the server sends. */
export const CLOSE_CODE_VERDICTS: Readonly<Record<number, Retry>> = {
  1002: 'never',
  1003: 'never',
  1007: 'never',
  1008: 'never',
  1009: 'never',
  1010: 'never',
  4401: 'never',
  4403: 'never',
  4429: 'after-release',
};

/** HTTP statuses with their verdict. Statuses that are not listed: `never` below 500, else `with-backoff`. */
export const HTTP_STATUS_VERDICTS: Readonly<Record<number, Retry>> = {
  408: 'with-backoff',
  421: 'with-backoff',
  425: 'with-backoff',
  429: 'after-release',
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

const ADVERTISED = /;retry=(\d{1,9})$/;

/** Reads how an attempt ended; `nowMs` is for a `Retry-After` that is a date. */
export function verdictOf({ code, reason, httpStatus, retryAfter }: Ending, nowMs: number = Date.now()): Verdict {
  if (httpStatus !== undefined) {
    return {
      retry: HTTP_STATUS_VERDICTS[httpStatus] ?? (httpStatus < 500 ? 'never' : 'with-backoff'),
      retryAfterMs: retryAfter === undefined ? null : delayOf(retryAfter, nowMs),
    };
  }
  const advertised = ADVERTISED.exec(reason)?.[1];
  return {
    retry: CLOSE_CODE_VERDICTS[code] ?? 'with-backoff',
    retryAfterMs: advertised === undefined ? null : Number(advertised),
  };
}

function delayOf(retryAfter: string, nowMs: number): number | null {
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const atMs = Date.parse(retryAfter);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
