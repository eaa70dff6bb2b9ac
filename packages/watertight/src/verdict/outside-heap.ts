import type { TrafficPoint } from './steady-growth.ts';

/** What the memory outside the heap came to over a time in which it kept growing. */
export interface OutsideGrowth {
  readonly bytes: number;
  readonly forMs: number;
  readonly acceptedCount: number;
}

/** Less is not worth a word yet: it will be, if it goes on. */
const LEAST_BYTES = 8 * 2 ** 20;
/** Of its share, by connections or by time, what each part has to have left. */
const PART_SHARE = 0.5;

/**
 * Whether the memory outside the heap has kept growing over all looks, in as many parts: buffers are kept by small objects, of which there
 * may be too few samples to tell a place.
 */
export function judgeOutsideHeap(points: readonly TrafficPoint[], partCount: number): OutsideGrowth | undefined {
  const last = points.length - 1;
  const cuts = Array.from({ length: partCount + 1 }, (_, part) => points[Math.round((part * last) / partCount)]);
  const [start, end] = [cuts[0], cuts.at(-1)];
  if (last < partCount || start === undefined || end === undefined) return undefined;
  const grownBy = (driver: (point: TrafficPoint) => number): readonly number[] =>
    cuts.slice(1).map((cut, part) => driver(cut ?? end) - driver(cuts[part] ?? start));
  const grown = grownBy((point) => point.outsideHeapBytes);
  const bytes = end.outsideHeapBytes - start.outsideHeapBytes;
  if (bytes < LEAST_BYTES) return undefined;
  const isSteadyBy = (driver: (point: TrafficPoint) => number): boolean => {
    const all = driver(end) - driver(start);
    return all > 0 && grownBy(driver).every((share, part) => (grown[part] ?? 0) >= (PART_SHARE * bytes * share) / all);
  };
  if (!isSteadyBy((point) => point.acceptedCount) && !isSteadyBy((point) => point.atMs)) return undefined;
  return { bytes, forMs: end.atMs - start.atMs, acceptedCount: end.acceptedCount - start.acceptedCount };
}
