/** A finalizer named in a report. */
export interface NamedFinalizer {
    readonly name: string;
    /** `file:line`, or `unknown` when registration sites are switched off. */
    readonly registeredAt: string;
    /** What it threw, if it threw. */
    readonly error?: string;
}
/** What became of the resources of a scope. */
export interface FinalizerReport {
    readonly finalizersRun: number;
    readonly failed: readonly NamedFinalizer[];
    /** Started, and not finished by the deadline. */
    readonly overdue: readonly NamedFinalizer[];
}
/** What most reports name; all of them share it. */
export declare const NONE: readonly NamedFinalizer[];
