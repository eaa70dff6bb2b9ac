import type { Promises } from '../../verdict/types.ts';

/** So many of one user, or as few as its limit has room for. */
export function roomFor(count: number, { limit }: Pick<Promises, 'limit'>): number {
  return limit.by === 'nobody' ? count : Math.min(count, limit.value);
}

/** A larger limit is not filled by scenarios that look at more than the limit. */
export const LARGEST_FILLED_LIMIT = 200;

/** Why what only a user at its limit shows is not visible; `undefined` where the limit is filled. */
export function whyNotFilled(limit: number): string | undefined {
  if (limit <= LARGEST_FILLED_LIMIT) return undefined;
  return `a limit of ${limit} takes too many sockets to fill; one of at most ${LARGEST_FILLED_LIMIT} would show it`;
}
