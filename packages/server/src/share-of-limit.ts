/** Rounded up; 100 × 0.55 is 55 although the product of the two is a little more. */
export function shareOf(limit: number, share: number): number {
  return Math.ceil(limit * share - 1e-9);
}

/** How many a share of a limit is; `Infinity` where one of the two is off, and where nobody has to make room because nothing may be held. */
export function dueAt(limit: number | false, threshold: number | false): number {
  return limit === false || limit === 0 || threshold === false ? Infinity : shareOf(limit, threshold);
}
