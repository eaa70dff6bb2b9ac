/** So many of one user, or as few as its limit has room for. */
export function roomFor(count: number, limit: number | undefined): number {
  return Math.min(count, limit ?? count);
}

/** A larger limit is not filled by scenarios that look at more than the limit. */
const LARGEST_FILLED_LIMIT = 200;
/** Of situations, which have few seconds and look at something else. */
export const LARGEST_SITUATION_LIMIT = 60;

/** The limit of a user where scenarios fill it; `undefined` where there is none, or a larger one. */
export function filledLimit(limit: number | undefined, largest: number = LARGEST_FILLED_LIMIT): number | undefined {
  return limit === undefined || limit > largest ? undefined : limit;
}

/** Why what only a user at its limit shows is not visible; `undefined` where the limit is filled. */
export function whyNotFilled(limit: number): string | undefined {
  if (limit <= LARGEST_FILLED_LIMIT) return undefined;
  return `a limit of ${limit} takes too many sockets to fill; one of at most ${LARGEST_FILLED_LIMIT} would show it`;
}
