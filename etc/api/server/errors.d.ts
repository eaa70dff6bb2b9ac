import type { Refusal } from './refusals.ts';
/** Every error of this package: its stable code and when it is thrown. `ERRORS.md` explains each; a test compares both. */
export declare const ERROR_CODES: {
    readonly WATERTIGHT_E_OPTIONS: 'An option has a value that is not allowed, two options contradict each other, or a manager was handed nothing that it can own.';
    readonly WATERTIGHT_E_USER_LIMIT: 'admitOrThrow: the user is at its limit.';
    readonly WATERTIGHT_E_REFUSED: 'admitOrThrow: the admission was refused for another reason than the limit of the user.';
    readonly WATERTIGHT_E_MANAGER_CLOSED: 'A manager or scope was used after its end was issued.';
    readonly WATERTIGHT_E_CONNECTION_LIMIT: 'A manager holds as many connections as it may.';
    readonly WATERTIGHT_E_CONNECTION_ENDED: 'A connection that has ended, or belongs to another manager, was attached.';
    readonly WATERTIGHT_E_SLOW_CONSUMER: 'A frame was not sent: its peer does not read, and more than maxBufferedBytes would wait for it.';
    readonly WATERTIGHT_E_OVERRIDE_LIMIT: 'setOverride: there are as many overrides as maxOverrides allows.';
    readonly WATERTIGHT_E_SHARED_QUOTA: 'tryAdmit on a factory whose limits are shared with other nodes: they have to be asked.';
    readonly WATERTIGHT_E_GUARD: 'An adapter was given a server it cannot work with.';
};
export type ErrorCode = keyof typeof ERROR_CODES;
/**
 * The base of every error thrown on purpose. Match `code` rather than the class: two copies of this package in one
 * process have different classes and the same codes (`instanceof` works across copies all the same).
 */
export declare class WatertightError extends Error {
    readonly code: ErrorCode;
    constructor(code: ErrorCode, message: string, options?: ErrorOptions);
    static [Symbol.hasInstance](value: unknown): boolean;
}
/** Thrown by `createManagerFactory` and `guard`: names every problem at once, with value, limit and unit. */
export declare class InvalidOptionsError extends WatertightError {
    readonly problems: readonly string[];
    constructor(problems: readonly string[]);
}
/** Thrown by `admitOrThrow` for every refusal but the limit of the user; carries the refusal. */
export declare class AdmissionRefusedError extends WatertightError {
    readonly refusal: Refusal;
    constructor(refusal: Refusal, code?: ErrorCode);
}
/** Thrown by `admitOrThrow` when the user is at its limit. */
export declare class UserLimitReachedError extends AdmissionRefusedError {
    constructor(refusal: Refusal);
}
/** Thrown when something is registered with, or asked of, a manager whose end was issued. What was to be registered has been disposed of. */
export declare class ManagerClosedError extends WatertightError {
    constructor(what: string, state: string);
}
/** What was thrown may be anything, also what no text can be made of. */
export declare function describeThrown(thrown: unknown): string;
