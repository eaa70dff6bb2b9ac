/** What a client may do after an answer: come back at once, later and with growing delays, or not at all with the same credentials. */
export type Retry = 'retry' | 'retry-later' | 'do-not-retry';
/** Close codes the runtime sends, by what they are for. RFC 6455 section 7.4 and its registry; 4000–4999 are private. */
export declare const CLOSE_CODES: {
    /** The server ended the session on purpose. */
    readonly closed: 1001;
    /** What the client said is not acceptable. */
    readonly unacceptable: 1008;
    /** The client sent too much. */
    readonly tooMuch: 1009;
    /** Something of the server failed. */
    readonly failed: 1011;
    /** The server is shutting down. */
    readonly shutdown: 1012;
    /** The server has no room or no time. */
    readonly busy: 1013;
    readonly unauthenticated: 4401;
    readonly forbidden: 4403;
    /** Removed by an emergency cleanup or found silent. */
    readonly removed: 4408;
    /** Another socket came with the same session id. */
    readonly takenOver: 4409;
    /** Had to make room for a newer session of the same user. */
    readonly evicted: 4410;
    /** The user or its address is at a limit. */
    readonly limited: 4429;
};
export type CloseCode = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES];
/**
 * Every close code and HTTP status that the runtime answers with, and what the client may do then. A code has one verdict, whatever
 * the reason, because a browser may see no more than the code.
 */
export declare const ANSWERS: {
    readonly closeCodes: {
        readonly 1001: {
            readonly retry: 'retry';
            readonly meaning: 'the server ended the session on purpose';
        };
        readonly 1008: {
            readonly retry: 'do-not-retry';
            readonly meaning: 'what the client said is not acceptable';
        };
        readonly 1009: {
            readonly retry: 'do-not-retry';
            readonly meaning: 'the client sent too much';
        };
        readonly 1011: {
            readonly retry: 'retry-later';
            readonly meaning: 'something of the server failed';
        };
        readonly 1012: {
            readonly retry: 'retry-later';
            readonly meaning: 'the server is shutting down';
        };
        readonly 1013: {
            readonly retry: 'retry-later';
            readonly meaning: 'the server has no room or no time';
        };
        readonly 4401: {
            readonly retry: 'do-not-retry';
            readonly meaning: 'the user is not known';
        };
        readonly 4403: {
            readonly retry: 'do-not-retry';
            readonly meaning: 'the user is known and not let in';
        };
        readonly 4408: {
            readonly retry: 'retry';
            readonly meaning: 'the client was idle for too long, or taken for gone';
        };
        readonly 4409: {
            readonly retry: 'do-not-retry';
            readonly meaning: 'another connection has taken the session over';
        };
        readonly 4410: {
            readonly retry: 'do-not-retry';
            readonly meaning: 'the session had to make room for a newer one of the same user';
        };
        readonly 4429: {
            readonly retry: 'retry-later';
            readonly meaning: 'the user or its address is at a limit';
        };
    };
    readonly httpStatuses: {
        readonly 400: {
            readonly retry: 'do-not-retry';
            readonly meaning: 'what the client said is not acceptable';
        };
        readonly 401: {
            readonly retry: 'do-not-retry';
            readonly meaning: 'the user is not known';
        };
        readonly 403: {
            readonly retry: 'do-not-retry';
            readonly meaning: 'the user is known and not let in';
        };
        readonly 404: {
            readonly retry: 'do-not-retry';
            readonly meaning: 'no guard wants this path';
        };
        readonly 409: {
            readonly retry: 'do-not-retry';
            readonly meaning: 'another connection has taken the session over';
        };
        readonly 413: {
            readonly retry: 'do-not-retry';
            readonly meaning: 'the client sent too much';
        };
        readonly 429: {
            readonly retry: 'retry-later';
            readonly meaning: 'the user or its address is at a limit';
        };
        readonly 499: {
            readonly retry: 'do-not-retry';
            readonly meaning: 'the client left; never sent';
        };
        readonly 503: {
            readonly retry: 'retry-later';
            readonly meaning: 'the server has no room or no time, is shutting down, or failed';
        };
    };
};
