import { InvalidOptionsError } from './errors.ts';
import { show } from './show.ts';

/** @throws InvalidOptionsError for what are no options at all: nothing could be read from it, and all would be as if nothing was given. */
export function throwIfNoOptions(given: unknown, what: string): void {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return;
  throw new InvalidOptionsError([`options of ${what}; got ${show(given)}`]);
}

/** One sentence for each name that does not exist: one that is misspelt would be in force nowhere, and nobody would know. */
export function unknownOptions(given: object, known: ReadonlySet<string>, whose = ''): string[] {
  return Object.keys(given)
    .filter((key) => !known.has(key))
    .map((key) => `${key} is not an option${whose}`);
}

/** What is wrong with a clock, by its shape. */
export function clockProblems(clock: unknown): string[] {
  const isClock =
    typeof clock === 'object' &&
    clock !== null &&
    CLOCK_METHODS.every((method) => typeof (clock as Record<string, unknown>)[method] === 'function');
  return isClock
    ? []
    : [`clock must have ${CLOCK_METHODS.map((method) => `${method}()`).join(', ')}; got ${show(clock)}`];
}

const CLOCK_METHODS = ['now', 'setTimeout', 'setInterval', 'setImmediate', 'clear'] as const;
