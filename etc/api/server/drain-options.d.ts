/** Options of `factory.drain`; all optional, all validated at once. */
export interface DrainOptions {
    /**
     * Milliseconds over which everybody is closed. Default 20 000, below the 30 s that Kubernetes gives; 0: at once. The last closes are
     * issued `cleanupDeadlineMs` before the end, so that the process is empty at the end.
     */
    readonly windowMs?: number;
    /** What released managers give as their reason, and clients read behind close code 1012. Default `'drained'`. */
    readonly reason?: string;
    /** Milliseconds told to those who are refused from then on, as `Retry-After`. Default 1 000. */
    readonly retryAfterMs?: number;
    /** Called one after another once every manager is closed: stores first, metrics last. One that fails or hangs stops no other. */
    readonly closeLast?: readonly (() => unknown)[];
    /** Milliseconds each of `closeLast` may take. Default 5 000. */
    readonly closeLastTimeoutMs?: number;
}
/** The options as they are in force. */
export type ResolvedDrainOptions = Required<DrainOptions>;
/** @throws InvalidOptionsError naming every problem with its value, limit and unit. */
export declare function resolveDrainOptions(given?: DrainOptions): ResolvedDrainOptions;
