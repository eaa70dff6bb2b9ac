import { type Clock, MAX_TIMER_MS } from '../clock.ts';
import { InvalidOptionsError } from '../errors.ts';
import { clockProblems, throwIfNoOptions, unknownOptions } from '../given-options.ts';
import type { InspectableFactory } from '../inspection.ts';
import { show } from '../show.ts';
import type { Alert } from './alert.ts';
import type { AlertRule } from './alert-rules.ts';

export interface AlertsOptions {
  /** Whom to tell. What it throws is given to `onError`. */
  readonly notify: (alert: Alert) => unknown;
  /** Default: {@link ALERT_RULES}. */
  readonly rules?: readonly AlertRule[];
  /** How often the rules are looked at, in milliseconds; default 15 000, at least 100, at most 2 147 483 647. */
  readonly intervalMs?: number;
  /** Default: ignored, as an alert that cannot be told must end nobody's process. */
  readonly onError?: (error: unknown) => void;
  /** Default: {@link systemClock}. */
  readonly clock?: Clock;
}

export const DEFAULT_INTERVAL_MS = 15_000;
const LEAST_INTERVAL_MS = 100;

const KNOWN: ReadonlySet<string> = new Set<keyof AlertsOptions>(['notify', 'rules', 'intervalMs', 'onError', 'clock']);

/** @throws InvalidOptionsError naming every problem at once. */
export function throwIfInvalid(factory: InspectableFactory, options: AlertsOptions): void {
  throwIfNoOptions(options, 'watchAlerts must be an object with notify');
  const { notify, intervalMs = DEFAULT_INTERVAL_MS, onError, clock, rules = [] } = options;
  const problems = unknownOptions(options, KNOWN, ' of watchAlerts');
  if (typeof factory?.stats !== 'function') problems.push(`factory must be a manager factory; got ${show(factory)}`);
  if (typeof notify !== 'function') problems.push(`notify is ${typeof notify}; it must be a function`);
  if (onError !== undefined && typeof onError !== 'function')
    problems.push(`onError is ${typeof onError}; it must be a function`);
  if (typeof intervalMs !== 'number') problems.push(`intervalMs must be a number of ms; got ${show(intervalMs)}`);
  else if (!(intervalMs >= LEAST_INTERVAL_MS))
    problems.push(`intervalMs is ${intervalMs} ms; it must be at least ${LEAST_INTERVAL_MS} ms`);
  if (intervalMs > MAX_TIMER_MS)
    problems.push(
      `intervalMs is ${intervalMs} ms; it must be at most ${MAX_TIMER_MS} ms, the longest that a timer waits`,
    );
  if (clock !== undefined) problems.push(...clockProblems(clock));
  if (Array.isArray(rules)) problems.push(...rules.flatMap(problemsOfRule));
  else problems.push(`rules must be a list of rules; got ${show(rules)}`);
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}

/** A rule that can never be raised would be found out in the night in which it should have been. */
function problemsOfRule(given: unknown, index: number): string[] {
  if (typeof given !== 'object' || given === null) return [`rules[${index}] must be a rule; got ${show(given)}`];
  const { name, value, raiseAt, clearBelow, forMs, user } = given as Record<string, unknown>;
  const rule = typeof name === 'string' && name !== '' ? `rule ${name}` : `rules[${index}]`;
  const problems = rule.startsWith('rules')
    ? [`${rule}: name must be a string that is not empty; got ${show(name)}`]
    : [];
  if (typeof value !== 'function') problems.push(`${rule}: value must be a function; got ${show(value)}`);
  if (user !== undefined && typeof user !== 'function')
    problems.push(`${rule}: user must be a function; got ${show(user)}`);
  if (!(Number(clearBelow) <= Number(raiseAt)))
    problems.push(`${rule}: clearBelow is ${show(clearBelow)}; it must be at most raiseAt, ${show(raiseAt)}`);
  if (!(typeof forMs === 'number' && forMs >= 0))
    problems.push(`${rule}: forMs is ${show(forMs)} ms; it must be at least 0 ms`);
  return problems;
}
