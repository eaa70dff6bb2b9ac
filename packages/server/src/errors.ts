import type { Refusal } from './refusals.ts';

/** Every error of this package: its stable code and when it is thrown. `ERRORS.md` explains each; a test compares both. */
export const ERROR_CODES = {
  WATERTIGHT_E_OPTIONS:
    'An option has a value that is not allowed, two options contradict each other, or a manager was handed nothing that it can own.',
  WATERTIGHT_E_USER_LIMIT: 'admitOrThrow: the user is at its limit.',
  WATERTIGHT_E_REFUSED: 'admitOrThrow: the admission was refused for another reason than the limit of the user.',
  WATERTIGHT_E_MANAGER_CLOSED: 'A manager or scope was used after its end was issued.',
  WATERTIGHT_E_CONNECTION_LIMIT: 'A manager holds as many connections as it may.',
  WATERTIGHT_E_CONNECTION_ENDED: 'A connection that has ended, or belongs to another manager, was attached.',
  WATERTIGHT_E_SLOW_CONSUMER:
    'A frame was not sent: its peer does not read, and more than maxBufferedBytes would wait for it.',
  WATERTIGHT_E_OVERRIDE_LIMIT: 'setOverride: there are as many overrides as maxOverrides allows.',
  WATERTIGHT_E_SHARED_QUOTA: 'tryAdmit on a factory whose limits are shared with other nodes: they have to be asked.',
  WATERTIGHT_E_GUARD: 'An adapter was given a server it cannot work with.',
} as const satisfies Readonly<Record<string, string>>;

export type ErrorCode = keyof typeof ERROR_CODES;

const BRAND: unique symbol = Symbol.for('watertight.error');

/**
 * The base of every error thrown on purpose. Match `code` rather than the class: two copies of this package in one
 * process have different classes and the same codes (`instanceof` works across copies all the same).
 */
export class WatertightError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== WatertightError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** Thrown by `createManagerFactory` and `guard`: names every problem at once, with value, limit and unit. */
export class InvalidOptionsError extends WatertightError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('WATERTIGHT_E_OPTIONS', `Invalid options:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Thrown by `admitOrThrow` for every refusal but the limit of the user; carries the refusal. */
export class AdmissionRefusedError extends WatertightError {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, code: ErrorCode = 'WATERTIGHT_E_REFUSED') {
    super(code, refusal.message, refusal.cause === undefined ? undefined : { cause: refusal.cause });
    this.refusal = refusal;
  }
}

/** Thrown by `admitOrThrow` when the user is at its limit. */
export class UserLimitReachedError extends AdmissionRefusedError {
  constructor(refusal: Refusal) {
    super(refusal, 'WATERTIGHT_E_USER_LIMIT');
  }
}

/** Thrown when something is registered with, or asked of, a manager whose end was issued. What was to be registered has been disposed of. */
export class ManagerClosedError extends WatertightError {
  constructor(what: string, state: string) {
    super(
      'WATERTIGHT_E_MANAGER_CLOSED',
      `${what} is not possible on a manager that is ${state}; what was handed over has been disposed of`,
    );
  }
}

/** What was thrown may be anything, also what no text can be made of. */
export function describeThrown(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'something that cannot be written as text';
  }
}
