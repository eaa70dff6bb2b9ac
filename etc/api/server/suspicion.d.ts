/** What looks like a leak in the code above the runtime. */
export type SuspicionKind = 
/** A manager older than `warnAfterMs`. */
'long-lived'
/** A manager that has been without a connection for `warnAfterMs`. */
 | 'without-connection'
/** A finalizer that had not finished by the cleanup deadline. */
 | 'finalizer-overdue'
/** A resource or child scope that was not disposed of by the cleanup deadline of its owner. */
 | 'resource-outlived'
/** Work started with `manager.run` that goes on after its manager has closed. */
 | 'work-outlived'
/** Development mode: a timer that runs on after the manager in whose life it was started, and was not registered with it. */
 | 'unregistered-timer'
/** Development mode: the same for a listener, on something that others listen to as well. */
 | 'unregistered-listener';
export interface Suspicion {
    readonly kind: SuspicionKind;
    readonly user: string;
    /** `null` where only the user is known. */
    readonly managerId: string | null;
    /** Of the finalizer, resource, event or timer; empty for a manager. */
    readonly name: string;
    /** `file:line` of the code above the runtime that made it; `'unknown'` where it was not sampled. */
    readonly place: string;
}
/** A suspicion stays until what it is about has gone. */
export interface SuspicionStats {
    readonly standing: number;
    readonly standingByKind: Readonly<Partial<Record<SuspicionKind, number>>>;
    readonly raised: number;
    readonly recovered: number;
}
