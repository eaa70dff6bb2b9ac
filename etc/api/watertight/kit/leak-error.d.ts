import type { CheckResult } from '../verdict/types.ts';
/** Thrown by `expectNoLeaks` for every verdict but `watertight`. Match `code`, not the class. */
export declare class LeakError extends Error {
    readonly code: 'WATERTIGHT_E_LEAK';
    /** Everything that was seen, as `watertight check --json` writes it. */
    readonly result: CheckResult;
    constructor(result: CheckResult, text: string);
}
