// @ts-check

/** @typedef {{ readonly bare: number, readonly guarded: number }} Pair */
/** @typedef {{ readonly median: number, readonly low: number, readonly high: number }} Interval */

const RESAMPLES = 2000;

/**
 * Measures in interleaved pairs, A B, B A, A B …: what drifts while it runs hits both alike.
 *
 * @param {number} count
 * @param {(which: 'bare' | 'guarded') => Promise<number>} measure
 * @returns {Promise<Pair[]>}
 */
export async function interleave(count, measure) {
  const pairs = [];
  for (let n = 0; n < count; n += 1) {
    const guardedFirst = n % 2 === 1 ? await measure('guarded') : undefined;
    const bare = await measure('bare');
    pairs.push({ bare, guarded: guardedFirst ?? (await measure('guarded')) });
  }
  return pairs;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/**
 * The median with its 95 % interval, by resampling (with a fixed seed, so that the same figures give the same interval).
 *
 * @param {readonly number[]} values
 * @returns {Interval}
 */
export function medianWithInterval(values) {
  let random = 1;
  const any = () => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return values[Math.floor((random / 2 ** 32) * values.length)] ?? NaN;
  };
  const medians = Array.from({ length: RESAMPLES }, () => median(values.map(any))).sort((a, b) => a - b);
  return {
    median: median(values),
    low: medians[Math.floor(RESAMPLES * 0.025)] ?? NaN,
    high: medians[Math.floor(RESAMPLES * 0.975)] ?? NaN,
  };
}
