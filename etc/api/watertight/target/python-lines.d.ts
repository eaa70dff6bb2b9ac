/** A line of the program, and what is alive of what was allocated there since the count began. */
export interface AllocatedLine {
    readonly file: string;
    readonly line: number;
    readonly count: number;
    readonly bytes: number;
}
/** Counts live memory of a target by line. */
export interface LineCounter {
    /** From here on what is allocated is counted; `false` where the process cannot. The target is slower meanwhile. */
    start(pid: number): Promise<boolean>;
    /** Stops the target for some milliseconds for each 10 000 blocks; `undefined` when it did not answer. */
    look(pid: number): Promise<readonly AllocatedLine[] | undefined>;
    stop(pid: number): Promise<void>;
}
/** Whether a command runs a Python, as far as its words say. */
export declare function runsPython(command: readonly string[]): boolean;
/** Listens for Pythons that are started with its environment. `close()` ends it; they run on, and notice nothing. */
export declare class PythonLines implements LineCounter {
    #private;
    private constructor();
    /** `answerMs`: how long an answer is waited for; default 10 000. */
    static open(answerMs?: number): Promise<PythonLines>;
    environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
    start(pid: number): Promise<boolean>;
    look(pid: number): Promise<readonly AllocatedLine[] | undefined>;
    stop(pid: number): Promise<void>;
    /** Idempotent. */
    close(): Promise<void>;
}
