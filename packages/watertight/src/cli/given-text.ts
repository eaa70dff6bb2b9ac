import type { Given } from './command-line.ts';
import type { OptionValue } from './read-value.ts';

/** What was said for a key, where that is one text. */
export function givenText(given: ReadonlyMap<string, Given<OptionValue>>, key: string): string | undefined {
  const value = given.get(key)?.value;
  return typeof value === 'string' ? value : undefined;
}
