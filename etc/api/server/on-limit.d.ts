/** Whom a policy may choose: a session that is active and has no work in flight. Plain facts, nothing that can be called. */
export interface EvictionCandidate {
    readonly managerId: string;
    readonly sessionId: string | undefined;
    readonly remoteAddress: string | undefined;
    readonly connectionCount: number;
    /** Milliseconds since it was admitted. */
    readonly ageMs: number;
    /** Milliseconds since its last message, or the end of its last work. */
    readonly idleForMs: number;
}
/** What is to happen to an attempt at the limit of its user. */
export type OnLimitDecision = 
/** Refused. */
'reject'
/** The one idle longest makes room, if it has been idle for `evictIdleAfterMs`. */
 | 'evict-idle'
/** The one admitted first makes room. */
 | 'evict-oldest'
/** This one makes room. */
 | {
    readonly evict: string;
};
/** An attempt that the emergency cleanup has made no room for, as the `onLimit` function sees it. */
export interface LimitAttempt {
    readonly user: string;
    readonly sessionId: string | undefined;
    readonly remoteAddress: string | undefined;
    readonly limit: number;
    readonly held: number;
    /** Who could make room, first admitted first. Pending ones and those with work in flight are not among them. */
    readonly candidates: readonly EvictionCandidate[];
}
/** Decides over an attempt at the limit of its user. Throwing, hanging and answers that make no sense refuse it. */
export type OnLimit = (attempt: LimitAttempt) => OnLimitDecision | PromiseLike<OnLimitDecision>;
