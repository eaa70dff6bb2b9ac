const LONGEST_MS = 600_000;
const EXPECTED = `expected 0 to ${LONGEST_MS} milliseconds`;

/** @throws RangeError for an argument that is no time, or longer than ten minutes: Node takes one that it cannot hold for 1 ms. */
export function checkedMs(method: string, ms: number): number {
  if (isTime(ms)) return ms;
  throw new RangeError(`${method}(${ms}): ${EXPECTED}`);
}

/** @throws RangeError likewise, for an option. */
export function requireMs(option: string, ms: number): void {
  if (!isTime(ms)) throw new RangeError(`${option} is ${ms}; ${EXPECTED}`);
}

function isTime(ms: number): boolean {
  return Number.isFinite(ms) && ms >= 0 && ms <= LONGEST_MS;
}
