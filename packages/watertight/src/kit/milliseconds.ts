const LONGEST_MS = 600_000;

/** @throws RangeError for a time that is none, or longer than ten minutes: Node takes one that it cannot hold for 1 ms. */
export function checkedMs(what: string, ms: number): number {
  if (Number.isFinite(ms) && ms >= 0 && ms <= LONGEST_MS) return ms;
  throw new RangeError(`${what}(${ms}): expected 0 to ${LONGEST_MS} milliseconds`);
}
