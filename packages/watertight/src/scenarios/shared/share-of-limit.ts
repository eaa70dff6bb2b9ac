/** Rounded up as the runtime does: 100 × 0.55 is 55 although the product of the two is a little more. */
export function shareOf(limit: number, share: number): number {
  return Math.ceil(limit * share - 1e-9);
}
