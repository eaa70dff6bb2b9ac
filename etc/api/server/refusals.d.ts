import type { Retry } from './close-codes.ts';
/**
 * Why an admission can be refused, and what the client is told: HTTP status when refused during the upgrade, close code when
 * refused after accept. Statuses: RFC 9110 and RFC 6585 (429).
 */
export declare const REFUSALS: {
    readonly 'user-limit': {
        readonly httpStatus: 429;
        readonly closeCode: 4429;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 5000;
        readonly meaning: 'the user holds as many managers as it may';
    };
    readonly 'server-limit': {
        readonly httpStatus: 503;
        readonly closeCode: 1013;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 5000;
        readonly meaning: 'this process holds as many managers as it may';
    };
    readonly 'address-limit': {
        readonly httpStatus: 429;
        readonly closeCode: 4429;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 5000;
        readonly meaning: 'as many managers came from the remote address as may';
    };
    readonly 'tenant-limit': {
        readonly httpStatus: 429;
        readonly closeCode: 4429;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 5000;
        readonly meaning: 'the tenant of the user holds as many managers, on all nodes, as it may';
    };
    readonly 'fleet-limit': {
        readonly httpStatus: 503;
        readonly closeCode: 1013;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 5000;
        readonly meaning: 'all nodes together hold as many managers as they may';
    };
    readonly 'quota-unavailable': {
        readonly httpStatus: 503;
        readonly closeCode: 1013;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 1000;
        readonly meaning: 'the limits that nodes share cannot be asked for at present';
    };
    readonly 'user-rate': {
        readonly httpStatus: 429;
        readonly closeCode: 4429;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 1000;
        readonly meaning: 'the user connects too often';
    };
    readonly 'address-rate': {
        readonly httpStatus: 429;
        readonly closeCode: 4429;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 1000;
        readonly meaning: 'the remote address connects too often';
    };
    readonly 'server-rate': {
        readonly httpStatus: 503;
        readonly closeCode: 1013;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 1000;
        readonly meaning: 'all clients together connect too often';
    };
    readonly banned: {
        readonly httpStatus: 403;
        readonly closeCode: 4403;
        readonly retry: 'do-not-retry';
        readonly retryAfterMs: null;
        readonly meaning: 'an override gives the user no manager at all';
    };
    readonly 'factory-closed': {
        readonly httpStatus: 503;
        readonly closeCode: 1012;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 1000;
        readonly meaning: 'the server is shutting down';
    };
    readonly draining: {
        readonly httpStatus: 503;
        readonly closeCode: 1012;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 1000;
        readonly meaning: 'this process is being drained; another one takes over';
    };
    readonly overloaded: {
        readonly httpStatus: 503;
        readonly closeCode: 1013;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 5000;
        readonly meaning: 'this process is under too much pressure to take anybody';
    };
    readonly 'invalid-user': {
        readonly httpStatus: 400;
        readonly closeCode: 1008;
        readonly retry: 'do-not-retry';
        readonly retryAfterMs: null;
        readonly meaning: 'the user id is empty, too long, or has characters that are not allowed';
    };
    readonly unauthenticated: {
        readonly httpStatus: 401;
        readonly closeCode: 4401;
        readonly retry: 'do-not-retry';
        readonly retryAfterMs: null;
        readonly meaning: 'identify did not recognise the user';
    };
    readonly forbidden: {
        readonly httpStatus: 403;
        readonly closeCode: 4403;
        readonly retry: 'do-not-retry';
        readonly retryAfterMs: null;
        readonly meaning: 'identify refused the user';
    };
    readonly 'identify-failed': {
        readonly httpStatus: 503;
        readonly closeCode: 1011;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 5000;
        readonly meaning: 'identify threw';
    };
    readonly 'identify-timeout': {
        readonly httpStatus: 503;
        readonly closeCode: 1013;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 5000;
        readonly meaning: 'identify did not answer in time';
    };
    readonly 'early-data-limit': {
        readonly httpStatus: 413;
        readonly closeCode: 1009;
        readonly retry: 'do-not-retry';
        readonly retryAfterMs: null;
        readonly meaning: 'too many bytes before the upgrade was answered';
    };
    readonly 'early-message-limit': {
        readonly httpStatus: 413;
        readonly closeCode: 1009;
        readonly retry: 'do-not-retry';
        readonly retryAfterMs: null;
        readonly meaning: 'too many messages before the upgrade was answered';
    };
    readonly 'init-failed': {
        readonly httpStatus: 503;
        readonly closeCode: 1011;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 5000;
        readonly meaning: 'init threw';
    };
    readonly 'init-timeout': {
        readonly httpStatus: 503;
        readonly closeCode: 1013;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 5000;
        readonly meaning: 'init did not finish before pendingDeadlineMs';
    };
    readonly 'ended-during-init': {
        readonly httpStatus: 503;
        readonly closeCode: 1012;
        readonly retry: 'retry-later';
        readonly retryAfterMs: 1000;
        readonly meaning: 'the manager was ended while init ran';
    };
    readonly 'taken-over': {
        readonly httpStatus: 409;
        readonly closeCode: 4409;
        readonly retry: 'do-not-retry';
        readonly retryAfterMs: null;
        readonly meaning: 'another connection took the session over while init ran';
    };
    readonly 'client-left': {
        readonly httpStatus: 499;
        readonly closeCode: 1001;
        readonly retry: 'do-not-retry';
        readonly retryAfterMs: null;
        readonly meaning: 'the client left before it was admitted; nobody is there to be told';
    };
};
export type RefusalReason = keyof typeof REFUSALS;
/** Why somebody was not admitted: a value, not an exception. */
export interface Refusal {
    readonly admitted: false;
    readonly reason: RefusalReason;
    readonly message: string;
    readonly httpStatus: number;
    readonly closeCode: number;
    readonly retry: Retry;
    readonly retryAfterMs: number | null;
    /** The limit that was reached, `null` for refusals that know none. */
    readonly limit: number | null;
    /** What was held against it. */
    readonly held: number | null;
    /** What `identify` or `init` threw; never sent to the client. */
    readonly cause?: unknown;
}
/** Makes a refusal; `message` defaults to the meaning in the table. */
export declare function refuse(reason: RefusalReason, details?: {
    readonly message?: string;
    readonly limit?: number;
    readonly held?: number;
    /** Milliseconds, where more is known than the table says. */
    readonly retryAfterMs?: number;
    readonly cause?: unknown;
}): Refusal;
