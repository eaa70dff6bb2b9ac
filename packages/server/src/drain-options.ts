import { MAX_TIMER_MS } from './clock.ts';
import { InvalidOptionsError } from './errors.ts';
import { throwIfNoOptions, unknownOptions } from './given-options.ts';
import { type NumberRule, numberProblem } from './number-rule.ts';

/** Options of `factory.drain`; all optional, all validated at once. */
export interface DrainOptions {
  /**
   * Milliseconds over which everybody is closed. Default 20 000, below the 30 s that Kubernetes gives; 0: at once. The last closes are
   * issued `cleanupDeadlineMs` before the end, so that the process is empty at the end.
   */
  readonly windowMs?: number;
  /** What released managers give as their reason, and clients read behind close code 1012. Default `'drained'`. */
  readonly reason?: string;
  /** Milliseconds told to those who are refused from then on, as `Retry-After`. Default 1 000. */
  readonly retryAfterMs?: number;
  /** Called one after another once every manager is closed: stores first, metrics last. One that fails or hangs stops no other. */
  readonly closeLast?: readonly (() => unknown)[];
  /** Milliseconds each of `closeLast` may take. Default 5 000. */
  readonly closeLastTimeoutMs?: number;
}

/** The options as they are in force. */
export type ResolvedDrainOptions = Required<DrainOptions>;

const duration = (fallback: number, min: number): NumberRule => ({
  default: fallback,
  min,
  max: MAX_TIMER_MS,
  integer: false,
  unit: ' ms',
  off: false,
});

/** Default, bounds and unit of every number. */
const DRAIN_NUMBERS = {
  windowMs: duration(20_000, 0),
  retryAfterMs: duration(1000, 0),
  closeLastTimeoutMs: duration(5000, 1),
} as const satisfies Readonly<Record<string, NumberRule>>;

const KNOWN: ReadonlySet<string> = new Set([...Object.keys(DRAIN_NUMBERS), 'reason', 'closeLast']);

/** @throws InvalidOptionsError naming every problem with its value, limit and unit. */
export function resolveDrainOptions(given: DrainOptions = {}): ResolvedDrainOptions {
  throwIfNoOptions(given, 'drain must be an object, or left out');
  const problems = unknownOptions(given, KNOWN, ' of drain');
  const number = (key: keyof typeof DRAIN_NUMBERS): number => {
    const value: unknown = given[key] === undefined ? DRAIN_NUMBERS[key].default : given[key];
    const problem = numberProblem(key, value, DRAIN_NUMBERS[key]);
    if (problem !== undefined) problems.push(problem);
    return Number(value);
  };
  const { reason = 'drained', closeLast = [] } = given;
  if (typeof reason !== 'string' || reason === '') problems.push('reason must be a string that is not empty');
  if (!Array.isArray(closeLast) || !closeLast.every((hook) => typeof hook === 'function'))
    problems.push('closeLast must be a list of functions');
  const resolved = {
    windowMs: number('windowMs'),
    reason,
    retryAfterMs: number('retryAfterMs'),
    closeLast,
    closeLastTimeoutMs: number('closeLastTimeoutMs'),
  };
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return resolved;
}
