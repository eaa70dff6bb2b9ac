/** Below this a rate is what a runtime does on its own: about one object in fifty cycles. */
const MIN_PER_CYCLE = 0.02;
/** How far an interval may be from its share, in standard deviations of a random count, and in objects on top of that. */
const TOLERATED_DEVIATIONS = 2;
const TOLERATED_OBJECTS = 1;

export interface Proportion {
  readonly perCycle: number;
  readonly exact: boolean;
}

/**
 * Whether counts grew in every interval, and in each about as much as its cycles ask for. A cache that fills up, a ring and a
 * burst of compiled code do not; one object in ten cycles does. `cycles` has one number less than `counts`.
 */
export function proportionOf(counts: readonly number[], cycles: readonly number[]): Proportion | undefined {
  const grown = cycles.map((_, at) => (counts[at + 1] ?? 0) - (counts[at] ?? 0));
  if (grown.some((more) => more < 1)) return undefined;
  const perCycle = sum(grown) / sum(cycles);
  if (perCycle < MIN_PER_CYCLE) return undefined;
  const proportional = grown.every((more, at) => {
    const share = perCycle * (cycles[at] ?? 0);
    return Math.abs(more - share) <= TOLERATED_DEVIATIONS * Math.sqrt(share) + TOLERATED_OBJECTS;
  });
  if (!proportional) return undefined;
  return {
    perCycle,
    exact: Number.isInteger(perCycle) && grown.every((more, at) => more === perCycle * (cycles[at] ?? 0)),
  };
}

/** Whether counts grew in every interval, when nobody knows how long each was: a rate per interval. */
export function growthOf(counts: readonly number[]): Proportion | undefined {
  const grown = counts.slice(1).map((count, at) => count - (counts[at] ?? 0));
  if (grown.some((more) => more < 1)) return undefined;
  return { perCycle: sum(grown) / grown.length, exact: new Set(grown).size === 1 };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
