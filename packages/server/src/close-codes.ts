/** What a client may do after an answer: come back at once, later and with growing delays, or not at all with the same credentials. */
export type Retry = 'retry' | 'retry-later' | 'do-not-retry';

/** Close codes the runtime sends, by what they are for. RFC 6455 section 7.4 and its registry; 4000–4999 are private. */
export const CLOSE_CODES = {
  /** The server ended the session on purpose. */
  closed: 1001,
  /** What the client said is not acceptable. */
  unacceptable: 1008,
  /** The client sent too much. */
  tooMuch: 1009,
  /** Something of the server failed. */
  failed: 1011,
  /** The server is shutting down. */
  shutdown: 1012,
  /** The server has no room or no time. */
  busy: 1013,
  unauthenticated: 4401,
  forbidden: 4403,
  /** Removed by an emergency cleanup or found silent. */
  removed: 4408,
  /** Another socket came with the same session id. */
  takenOver: 4409,
  /** Had to make room for a newer session of the same user. */
  evicted: 4410,
  /** The user or its address is at a limit. */
  limited: 4429,
} as const;

export type CloseCode = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES];

interface Answer {
  readonly retry: Retry;
  readonly meaning: string;
}

/**
 * Every close code and HTTP status that the runtime answers with, and what the client may do then. A code has one verdict, whatever
 * the reason, because a browser may see no more than the code.
 */
export const ANSWERS = {
  closeCodes: {
    1001: { retry: 'retry', meaning: 'the server ended the session on purpose' },
    1008: { retry: 'do-not-retry', meaning: 'what the client said is not acceptable' },
    1009: { retry: 'do-not-retry', meaning: 'the client sent too much' },
    1011: { retry: 'retry-later', meaning: 'something of the server failed' },
    1012: { retry: 'retry-later', meaning: 'the server is shutting down' },
    1013: { retry: 'retry-later', meaning: 'the server has no room or no time' },
    4401: { retry: 'do-not-retry', meaning: 'the user is not known' },
    4403: { retry: 'do-not-retry', meaning: 'the user is known and not let in' },
    4408: { retry: 'retry', meaning: 'the client was idle for too long, or taken for gone' },
    4409: { retry: 'do-not-retry', meaning: 'another connection has taken the session over' },
    4410: { retry: 'do-not-retry', meaning: 'the session had to make room for a newer one of the same user' },
    4429: { retry: 'retry-later', meaning: 'the user or its address is at a limit' },
  },
  httpStatuses: {
    400: { retry: 'do-not-retry', meaning: 'what the client said is not acceptable' },
    401: { retry: 'do-not-retry', meaning: 'the user is not known' },
    403: { retry: 'do-not-retry', meaning: 'the user is known and not let in' },
    404: { retry: 'do-not-retry', meaning: 'no guard wants this path' },
    409: { retry: 'do-not-retry', meaning: 'another connection has taken the session over' },
    413: { retry: 'do-not-retry', meaning: 'the client sent too much' },
    429: { retry: 'retry-later', meaning: 'the user or its address is at a limit' },
    499: { retry: 'do-not-retry', meaning: 'the client left; never sent' },
    503: { retry: 'retry-later', meaning: 'the server has no room or no time, is shutting down, or failed' },
  },
} as const satisfies {
  readonly closeCodes: Readonly<Record<CloseCode, Answer>>;
  readonly httpStatuses: Readonly<Record<number, Answer>>;
};
