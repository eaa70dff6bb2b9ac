/** Default, bounds, unit and off switch of one number. */
export interface NumberRule {
    readonly default: number | false;
    readonly min: number;
    readonly max: number;
    readonly integer: boolean;
    readonly unit: string;
    /** Whether `false` switches it off. */
    readonly off: boolean;
}
/** What is wrong with a number, or nothing. */
export declare function numberProblem(key: string, value: unknown, rule: NumberRule): string | undefined;
/** A value as messages name it. */
export declare function show(value: unknown): string;
