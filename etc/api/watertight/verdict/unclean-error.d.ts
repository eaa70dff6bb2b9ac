/** Thrown by `ResourceLeakTracker.assertClean()`. Match `code`, not the class. */
export declare class UncleanError extends Error {
    readonly code: 'WATERTIGHT_E_UNCLEAN';
    /** One sentence for everything that was recorded and not expected. */
    readonly reasons: readonly string[];
    constructor(scenario: string, reasons: readonly string[]);
}
