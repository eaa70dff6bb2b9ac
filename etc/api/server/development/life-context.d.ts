/** The manager whose code runs, as far as the watches have to know it. */
export interface Life {
    readonly id: string;
    readonly user: string;
    readonly state: string;
}
/** Runs code as code of a manager, whatever it starts included. */
export declare function within<Result>(life: Life, code: () => Result): Result;
/** The manager whose code runs now, unless it has closed. */
export declare function currentLife(): Life | undefined;
