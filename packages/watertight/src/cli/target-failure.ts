import type { TargetFailure } from '../target/types.ts';

/** The failure an error carries; any other error counts as unreachable, with its message. */
export function targetFailureOf(error: unknown): TargetFailure {
  if (error instanceof Error && 'failure' in error && isTargetFailure(error.failure)) return error.failure;
  return { kind: 'unreachable', message: error instanceof Error ? error.message : String(error) };
}

/** One text out of a failure: its sentence, and the last output below it. */
export function describeFailure(failure: TargetFailure): string {
  const output = failure.output?.trim() ?? '';
  return output === ''
    ? failure.message
    : `${failure.message}\nLast output of the target:\n${output.replaceAll(/^/gm, '  | ')}`;
}

function isTargetFailure(value: unknown): value is TargetFailure {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    'message' in value &&
    typeof value.message === 'string'
  );
}
