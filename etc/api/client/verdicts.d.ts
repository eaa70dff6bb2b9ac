/**
 * What a client may do after it was refused or closed; the words of `@watertight/server`. `retry`: come back; `retry-later`: come back when
 * there may be room again, and not before an advertised delay; `do-not-retry`: not with the same credentials.
 */
export type Retry = 'retry' | 'retry-later' | 'do-not-retry';
/** Close codes with their verdict. Codes that are not listed: `retry`. A test compares this with what the server sends. */
export declare const CLOSE_CODE_VERDICTS: Readonly<Record<number, Retry>>;
/** HTTP statuses with their verdict. Statuses that are not listed: `do-not-retry` below 500, else `retry-later`. */
export declare const HTTP_STATUS_VERDICTS: Readonly<Record<number, Retry>>;
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
/** Reads how an attempt ended; `nowMs` is for a `Retry-After` that is a date. */
export declare function verdictOf({ code, reason, httpStatus, retryAfter }: Ending, nowMs?: number): Verdict;
