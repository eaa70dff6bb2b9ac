import type { EmergencyLevel } from './emergency-plan.ts';
import { unknownOptions } from './given-options.ts';
import { show } from './show.ts';

/** What is asked of a cleanup by hand. */
export interface EmergencyRequest {
  readonly level?: EmergencyLevel;
  readonly needed?: number;
}

const LEVELS: readonly unknown[] = ['conservative', 'moderate', 'force'] satisfies EmergencyLevel[];
const KNOWN: ReadonlySet<string> = new Set<keyof EmergencyRequest>(['level', 'needed']);

/** What is wrong with it, one sentence each: a level that is misspelt would be another one than was meant. */
export function problemsOfRequest(given: unknown): string[] {
  if (given === undefined) return [];
  if (!isObject(given)) return [`options of an emergency cleanup must be an object, or left out; got ${show(given)}`];
  const { level = 'moderate', needed = 0 } = given;
  const problems = unknownOptions(given, KNOWN, ' of an emergency cleanup');
  if (!LEVELS.includes(level)) problems.push(`level must be one of ${LEVELS.join(', ')}; got ${show(level)}`);
  if (needed !== Infinity && !(Number.isSafeInteger(needed) && Number(needed) >= 0))
    problems.push(`needed must be a whole number of managers from 0; got ${show(needed)}`);
  return problems;
}

function isObject(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === 'object' && given !== null;
}
