import type { CheckResult } from '../verdict/types.ts';
/** What the examiner is told to do, once, as soon as it runs. */
export interface ExaminerRequest {
    readonly kind: 'examine';
    /** By config key, as `WatertightConfig` has them; checked by the examiner like a command line. */
    readonly options: Readonly<Record<string, unknown>>;
    /** The command to start; empty when the options name the target. */
    readonly command: readonly string[];
    /** What reports call the target. Default: how it was named. */
    readonly label?: string;
    /** Set when what is examined is a function of the process of the tests. */
    readonly calls?: CalledFunction;
}
export interface CalledFunction {
    readonly name: string;
    /** How many calls may run at the same time. */
    readonly concurrency: number;
    /** The process it runs in, and the `ws:` address of its inspector. */
    readonly pid: number;
    readonly inspectorUrl: string;
}
/** The examiner asks for one call of the function. */
export interface CallRequest {
    readonly kind: 'call';
    readonly index: number;
}
/** What became of it. */
export interface CallAnswer {
    readonly kind: 'called';
    readonly index: number;
    /** Why it rejected; `null` when it did not. */
    readonly failure: string | null;
}
/** The test has had enough. Not a signal: that would end an examiner that does not listen for it yet, without an answer. */
export interface StopRequest {
    readonly kind: 'stop';
}
export type ToExaminer = ExaminerRequest | CallAnswer | StopRequest;
export type FromExaminer = {
    readonly kind: 'ready';
} | CallRequest
/** `failure`: what a failing test shows. */
 | {
    readonly kind: 'examined';
    readonly result: CheckResult;
    readonly failure: string;
}
/** An option is wrong; nothing was started. */
 | {
    readonly kind: 'usage';
    readonly message: string;
} | {
    readonly kind: 'broken';
    readonly message: string;
};
