import type { Clock } from '../clock.ts';
/**
 * What time it is at the store, told from the node's monotonic clock. The store read its clock somewhere between the request and its answer,
 * so an answer says between which bounds the difference lies (Cristian, "Probabilistic clock synchronization", 1989). What was known
 * before is moved no further than into them: a late answer has wide ones, and would else make the node's next leases seem older than they are.
 */
export declare class StoreClock {
    #private;
    constructor(clock: Clock);
    now(): number;
    /** An answer has just come to a request sent at `sentAtMs` of the node's clock; the store's said `storeNowMs`. */
    heard(storeNowMs: number, sentAtMs: number): void;
}
