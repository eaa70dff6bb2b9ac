const FIRST_SHARE = 0.29;
const SECOND_SHARE = 0.33;

/** Three lengths no two of which have a common divisor, so that a period of the server does not look like growth in all of them. */
export function splitCycles(cycles: number): readonly [number, number, number] {
  const first = Math.max(1, Math.round(cycles * FIRST_SHARE));
  for (let off = 0; off < cycles; off += 1) {
    for (const second of [Math.round(cycles * SECOND_SHARE) + off, Math.round(cycles * SECOND_SHARE) - off]) {
      const third = cycles - first - second;
      if (second < 1 || third < 1) continue;
      if (divisor(first, second) === 1 && divisor(second, third) === 1 && divisor(first, third) === 1)
        return [first, second, third];
    }
  }
  return [1, 1, Math.max(1, cycles - 2)];
}

function divisor(one: number, other: number): number {
  return other === 0 ? one : divisor(other, one % other);
}
