/** The user asked for something that cannot be done: the message says what and what would do. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** One message out of everything that is wrong, so that nobody has to fix one mistake a run. */
export function throwUsage(problems: readonly string[]): void {
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
}
