// @ts-check

/** @typedef {{ readonly median: number, readonly low: number, readonly high: number }} Interval */

const RESAMPLES = 2000;

/** Where no kernel carries the bytes an operation is quick, and the clock of the processor time coarse: so many more of them. */
export const MEMORY_BATCHES = 8;

/**
 * Measures in interleaved rounds, each in an order of its own: what drifts while it runs hits all alike, and what comes back at intervals,
 * such as a collection of garbage, hits none more than another.
 *
 * @template {string} Kind
 * @param {number} count
 * @param {readonly Kind[]} kinds
 * @param {(which: Kind) => Promise<number>} measure
 * @returns {Promise<Record<Kind, number>[]>}
 */
export async function interleave(count, kinds, measure) {
  /** @type {Record<Kind, number>[]} */
  const rounds = [];
  const shuffle = shuffler();
  for (let n = 0; n < count; n += 1) {
    /** @type {Partial<Record<Kind, number>>} */
    const round = {};
    for (const kind of shuffle(kinds)) round[kind] = await measure(kind);
    rounds.push(/** @type {Record<Kind, number>} */ (round));
  }
  return rounds;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** The same draws each time: the same figures give the same interval. */
function draws() {
  let random = 1;
  return (/** @type {number} */ below) => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((random / 2 ** 32) * below);
  };
}

/** Answers the same list in ever other orders. @returns {<Item>(items: readonly Item[]) => Item[]} */
export function shuffler() {
  const draw = draws();
  return (items) => {
    const left = [...items];
    return items.flatMap(() => left.splice(draw(left.length), 1));
  };
}

/**
 * The median with its 95 % interval, by resampling.
 *
 * @param {readonly number[]} values
 * @returns {Interval}
 */
function medianWithInterval(values) {
  const draw = draws();
  return interval(values, () => values.map(() => values[draw(values.length)] ?? NaN));
}

/**
 * The median with its 95 % interval, by resampling, of values that come from several starts of the same processes: two starts of the same code differ, by how
 * it was compiled and where it lies, and no number of rounds in one of them tells by how much. So starts are drawn first.
 *
 * @param {readonly (readonly number[])[]} starts
 * @returns {Interval}
 */
export function medianOverStarts(starts) {
  if (starts.length < 2) return medianWithInterval(starts.flat());
  const draw = draws();
  return interval(starts.flat(), () =>
    starts.flatMap(() => {
      const values = starts[draw(starts.length)] ?? [];
      return values.map(() => values[draw(values.length)] ?? NaN);
    }),
  );
}

/** @param {readonly number[]} values @param {() => readonly number[]} resample @returns {Interval} */
function interval(values, resample) {
  const medians = Array.from({ length: RESAMPLES }, () => median(resample())).sort((a, b) => a - b);
  return {
    median: median(values),
    low: medians[Math.floor(RESAMPLES * 0.025)] ?? NaN,
    high: medians[Math.floor(RESAMPLES * 0.975)] ?? NaN,
  };
}
