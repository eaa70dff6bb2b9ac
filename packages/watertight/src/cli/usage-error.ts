/** The user asked for something that cannot be done: the message says what and what would do. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was thrown, as something the user can do something about; `about` says what it was thrown at. */
export function usageErrorOf(thrown: unknown, about = ''): UsageError {
  return new UsageError(`${about}${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown });
}

/** One message out of everything that is wrong, so that nobody has to fix one mistake a run. */
export function throwUsage(problems: readonly string[]): void {
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
}
