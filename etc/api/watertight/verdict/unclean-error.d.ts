import type { StepResult, Violation } from './types.ts';
import type { ViolationType } from './violation-types.ts';
/** Thrown by `ResourceLeakTracker.assertClean()`. Match `code`, not the class. */
export declare class UncleanError extends Error {
    readonly code: 'WATERTIGHT_E_UNCLEAN';
    /** One sentence for everything that was recorded and not expected. */
    readonly reasons: readonly string[];
    constructor(scenario: string, reasons: readonly string[]);
}
/** Everything that keeps a record from being clean, a sentence each. */
export declare function whatIsUnclean(violations: readonly Violation[], expectedMissing: readonly ViolationType[], steps: readonly StepResult[]): readonly string[];
