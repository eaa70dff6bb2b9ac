import type { ANSWERS, CloseCode, Retry } from './close-codes.ts';

interface RefusalKind {
  readonly httpStatus: keyof typeof ANSWERS.httpStatuses;
  readonly closeCode: CloseCode;
  readonly retry: Retry;
  /** Milliseconds advertised as `Retry-After` (rounded up to seconds); `null` when waiting does not help. */
  readonly retryAfterMs: number | null;
  readonly meaning: string;
}

/**
 * Why an admission can be refused, and what the client is told: HTTP status when refused during the upgrade, close code when
 * refused after accept. Statuses: RFC 9110 and RFC 6585 (429).
 */
export const REFUSALS = {
  'user-limit': {
    httpStatus: 429,
    closeCode: 4429,
    retry: 'retry-later',
    retryAfterMs: 5000,
    meaning: 'the user holds as many managers as it may',
  },
  'server-limit': {
    httpStatus: 503,
    closeCode: 1013,
    retry: 'retry-later',
    retryAfterMs: 5000,
    meaning: 'this process holds as many managers as it may',
  },
  'address-limit': {
    httpStatus: 429,
    closeCode: 4429,
    retry: 'retry-later',
    retryAfterMs: 5000,
    meaning: 'as many managers came from the remote address as may',
  },
  'tenant-limit': {
    httpStatus: 429,
    closeCode: 4429,
    retry: 'retry-later',
    retryAfterMs: 5000,
    meaning: 'the tenant of the user holds as many managers, on all nodes, as it may',
  },
  'fleet-limit': {
    httpStatus: 503,
    closeCode: 1013,
    retry: 'retry-later',
    retryAfterMs: 5000,
    meaning: 'all nodes together hold as many managers as they may',
  },
  'quota-unavailable': {
    httpStatus: 503,
    closeCode: 1013,
    retry: 'retry-later',
    retryAfterMs: 1000,
    meaning: 'the limits that nodes share cannot be asked for at present',
  },
  'user-rate': {
    httpStatus: 429,
    closeCode: 4429,
    retry: 'retry-later',
    retryAfterMs: 1000,
    meaning: 'the user connects too often',
  },
  'address-rate': {
    httpStatus: 429,
    closeCode: 4429,
    retry: 'retry-later',
    retryAfterMs: 1000,
    meaning: 'the remote address connects too often',
  },
  'server-rate': {
    httpStatus: 503,
    closeCode: 1013,
    retry: 'retry-later',
    retryAfterMs: 1000,
    meaning: 'all clients together connect too often',
  },
  banned: {
    httpStatus: 403,
    closeCode: 4403,
    retry: 'do-not-retry',
    retryAfterMs: null,
    meaning: 'an override gives the user no manager at all',
  },
  'factory-closed': {
    httpStatus: 503,
    closeCode: 1012,
    retry: 'retry-later',
    retryAfterMs: 1000,
    meaning: 'the server is shutting down',
  },
  draining: {
    httpStatus: 503,
    closeCode: 1012,
    retry: 'retry-later',
    retryAfterMs: 1000,
    meaning: 'this process is being drained; another one takes over',
  },
  overloaded: {
    httpStatus: 503,
    closeCode: 1013,
    retry: 'retry-later',
    retryAfterMs: 5000,
    meaning: 'this process is under too much pressure to take anybody',
  },
  'invalid-user': {
    httpStatus: 400,
    closeCode: 1008,
    retry: 'do-not-retry',
    retryAfterMs: null,
    meaning: 'the user id is empty, too long, or has characters that are not allowed',
  },
  unauthenticated: {
    httpStatus: 401,
    closeCode: 4401,
    retry: 'do-not-retry',
    retryAfterMs: null,
    meaning: 'identify did not recognise the user',
  },
  forbidden: {
    httpStatus: 403,
    closeCode: 4403,
    retry: 'do-not-retry',
    retryAfterMs: null,
    meaning: 'identify refused the user',
  },
  'identify-failed': {
    httpStatus: 503,
    closeCode: 1011,
    retry: 'retry-later',
    retryAfterMs: 5000,
    meaning: 'identify threw',
  },
  'identify-timeout': {
    httpStatus: 503,
    closeCode: 1013,
    retry: 'retry-later',
    retryAfterMs: 5000,
    meaning: 'identify did not answer in time',
  },
  'early-data-limit': {
    httpStatus: 413,
    closeCode: 1009,
    retry: 'do-not-retry',
    retryAfterMs: null,
    meaning: 'too many bytes before the upgrade was answered',
  },
  'early-message-limit': {
    httpStatus: 413,
    closeCode: 1009,
    retry: 'do-not-retry',
    retryAfterMs: null,
    meaning: 'too many messages before the upgrade was answered',
  },
  'init-failed': { httpStatus: 503, closeCode: 1011, retry: 'retry-later', retryAfterMs: 5000, meaning: 'init threw' },
  'init-timeout': {
    httpStatus: 503,
    closeCode: 1013,
    retry: 'retry-later',
    retryAfterMs: 5000,
    meaning: 'init did not finish before pendingDeadlineMs',
  },
  'ended-during-init': {
    httpStatus: 503,
    closeCode: 1012,
    retry: 'retry-later',
    retryAfterMs: 1000,
    meaning: 'the manager was ended while init ran',
  },
  'taken-over': {
    httpStatus: 409,
    closeCode: 4409,
    retry: 'do-not-retry',
    retryAfterMs: null,
    meaning: 'another connection took the session over while init ran',
  },
  'client-left': {
    httpStatus: 499,
    closeCode: 1001,
    retry: 'do-not-retry',
    retryAfterMs: null,
    meaning: 'the client left before it was admitted; nobody is there to be told',
  },
} as const satisfies Readonly<Record<string, RefusalKind>>;

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
export function refuse(
  reason: RefusalReason,
  details: {
    readonly message?: string;
    readonly limit?: number;
    readonly held?: number;
    /** Milliseconds, where more is known than the table says. */
    readonly retryAfterMs?: number;
    readonly cause?: unknown;
  } = {},
): Refusal {
  const { httpStatus, closeCode, retry, retryAfterMs, meaning } = REFUSALS[reason];
  return {
    admitted: false,
    reason,
    message: details.message ?? `Refused: ${meaning}`,
    httpStatus,
    closeCode,
    retry,
    retryAfterMs: details.retryAfterMs ?? retryAfterMs,
    limit: details.limit ?? null,
    held: details.held ?? null,
    ...(details.cause === undefined ? undefined : { cause: details.cause }),
  };
}
