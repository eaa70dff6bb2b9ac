import type { Promises } from '../../verdict/types.ts';

/** How long an ended connection may take where nobody promised a deadline. */
const USUAL_DEADLINE_MS = 500;

/** How many connections a user is promised to have at most; `undefined`: nobody said. */
export function promisedLimit({ limit }: Pick<Promises, 'limit'>): number | undefined {
  return limit.by === 'nobody' ? undefined : limit.value;
}

/** How long an ended connection is waited for. */
export function deadlineMsOf({ deadlineMs }: Pick<Promises, 'deadlineMs'>): number {
  return deadlineMs.by === 'nobody' ? USUAL_DEADLINE_MS : deadlineMs.value;
}
