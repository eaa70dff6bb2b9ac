import type { CheckResult } from '../verdict/types.ts';
import type { ExaminerRequest } from './examiner-protocol.ts';
/** An examination that came to an end, whatever its verdict. */
export interface Examination {
    readonly result: CheckResult;
    /** What a failing test shows. */
    readonly failure: string;
}
export interface ExaminerOptions {
    readonly cwd?: string | undefined;
    readonly env?: Readonly<Record<string, string>> | undefined;
    readonly signal?: AbortSignal | undefined;
    /** The function that is examined. */
    readonly cycle?: (() => unknown) | undefined;
}
/**
 * Examines in a process of its own, so that neither clients nor looks leave anything in this one.
 *
 * @throws when an option is wrong, or the examiner itself fails.
 */
export declare function askExaminer(request: ExaminerRequest, options: ExaminerOptions): Promise<Examination>;
