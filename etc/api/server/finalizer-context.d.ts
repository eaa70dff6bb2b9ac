/** What a finalizer is told. */
export interface FinalizerContext {
    /** Why the manager or scope ends. */
    readonly reason: string;
    /** Aborted at the cleanup deadline: whoever still works then is reported as overdue. Made only when read. */
    readonly signal: AbortSignal;
}
/** A context whose signal costs nothing until somebody reads it. */
export declare class LazyFinalizerContext implements FinalizerContext {
    #private;
    readonly reason: string;
    constructor(reason: string);
    get signal(): AbortSignal;
    abort(): void;
}
