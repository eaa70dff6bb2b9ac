import { InvalidOptionsError } from '../errors.ts';
import { type NumberRule, numberProblem } from '../number-rule.ts';
import type { UsersQuery } from './types.ts';

/** Default and bounds of what is asked about the users of all nodes; the cursor is the store's: it alone knows what it has answered. */
export const USERS_QUERY = {
  minHeld: { default: 1, min: 0, max: Number.MAX_SAFE_INTEGER, integer: true, unit: ' leases', off: false },
  pageSize: { default: 1000, min: 1, max: 10_000, integer: true, unit: ' keys', off: false },
} as const satisfies Readonly<Record<string, NumberRule>>;

/** @throws InvalidOptionsError naming every problem at once. */
export function throwIfWrongQuery({
  minHeld = USERS_QUERY.minHeld.default,
  pageSize = USERS_QUERY.pageSize.default,
}: UsersQuery): void {
  const problems = [
    numberProblem('minHeld', minHeld, USERS_QUERY.minHeld),
    numberProblem('pageSize', pageSize, USERS_QUERY.pageSize),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}
