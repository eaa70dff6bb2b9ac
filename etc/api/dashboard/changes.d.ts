/** What a place in plain data holds now. */
export type Change = readonly [path: readonly (string | number)[], value: unknown];
/**
 * What has to be changed in `before` to have `after`; both plain data. Objects with other keys and lists of another length are replaced as a
 * whole.
 */
export declare function changesBetween(before: unknown, after: unknown, path?: readonly (string | number)[]): Change[];
