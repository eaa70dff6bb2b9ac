/** What counts what it holds: a function, or a factory of `@watertight/server`. */
export type Counted = (() => number) | {
    stats(): {
        readonly active: number;
        readonly pending: number;
    };
};
export declare function isCounted(value: unknown): value is Counted;
export declare function countOf(counted: Counted): number;
/** How long it took until nothing was held; `undefined` when something still was after `withinMs`. */
export declare function releasedAfterMs(counted: Counted, withinMs: number): Promise<number | undefined>;
