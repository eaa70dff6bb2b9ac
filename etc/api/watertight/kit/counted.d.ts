/** What counts what it holds: a function, or a factory of `@watertight/server`. */
export type Counted = (() => number) | {
    stats(): {
        readonly active: number;
        readonly pending: number;
    };
};
/** What was held while a promise to release was waited for. */
export interface Releasing {
    readonly heldBefore: number;
    /** At the last look. */
    readonly held: number;
    /** How long it took until nothing was held; `undefined` when something still was at the end. */
    readonly afterMs: number | undefined;
}
export declare function isCounted(value: unknown): value is Counted;
/** @throws TypeError when it answers no count: against that neither a promise nor its opposite can be held. */
export declare function countOf(counted: Counted): number;
/** @throws Error when it cannot be told, because the event loop stood still while the time ran out. */
export declare function watchRelease(counted: Counted, withinMs: number): Promise<Releasing>;
