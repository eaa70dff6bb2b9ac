import { judgeWindows, type WindowGrowth } from './trend.ts';

/** The process at one look. */
export interface TrafficPoint {
  readonly atMs: number;
  readonly acceptedCount: number;
  readonly openCount: number;
  readonly heapUsedBytes: number;
  /** Of buffers, which no sample counts. */
  readonly outsideHeapBytes: number;
}

/** What one place in the source has allocated that is alive, by when it was allocated. */
export interface PlaceHistory {
  /** `windows[k]`: between look k-1 and look k (0: before look 0). */
  readonly windows: readonly { readonly samples: number; readonly bytes: number }[];
  /** Everything of it that was alive, at each look. */
  readonly aliveBytes: readonly number[];
}

/** What has kept growing, over which time. Bytes are estimates from samples. */
export interface SteadyGrowth {
  readonly fromMs: number;
  readonly forMs: number;
  readonly bytes: number;
  readonly samples: number;
  readonly acceptedCount: number;
  /** By so much the memory outside the heap grew meanwhile, whoever keeps it. */
  readonly outsideHeapBytes: number;
  readonly bytesPerHour: number;
  /** `null`: none was accepted in that time. */
  readonly bytesPerConnection: number | null;
}

/** With fewer samples a rate is a guess. */
const FEWEST_SAMPLES = 12;
/** So many more connections may be open at the end than at the beginning, as a share of those that came; what they hold is theirs. */
const OPEN_SHARE = 0.1;
const OPEN_COUNT = 5;
/** Of what was allocated and stayed, what must have been added to the place, and to the heap: the rest has replaced what was there before. */
const ADDED_SHARE = 0.5;
/** What is less of the heap than this is not worth a word yet: it will be, if it goes on. */
const HEAP_SHARE = 0.02;

/**
 * Whether a place keeps growing: over some span of at least `leastWindows` windows every part of the span has left its share, by
 * connections or by time, while neither connections open nor what made room explain it. The last window is left out: what it made
 * may still be in use. The longest span that shows it is told.
 */
export function judgeSteadyGrowth(
  points: readonly TrafficPoint[],
  history: PlaceHistory,
  leastWindows: number,
): SteadyGrowth | undefined {
  const last = points.length - 2;
  let longest: SteadyGrowth | undefined;
  for (const span of spansUpTo(last, leastWindows)) {
    longest = judgeSpan(points, history, last - span, last, leastWindows) ?? longest;
  }
  return longest;
}

/** `least`, twice that, four times that …, and the most that is divided by it. */
function spansUpTo(most: number, least: number): readonly number[] {
  const spans: number[] = [];
  for (let span = least; span <= most; span *= 2) spans.push(span);
  const all = most - (most % least);
  return spans.includes(all) || all <= 0 ? spans : [...spans, all];
}

function judgeSpan(
  points: readonly TrafficPoint[],
  { windows, aliveBytes }: PlaceHistory,
  from: number,
  to: number,
  partCount: number,
): SteadyGrowth | undefined {
  const start = points[from];
  const end = points[to];
  const now = points.at(-1);
  if (start === undefined || end === undefined || now === undefined) return undefined;
  const inSpan = windows.slice(from + 1, to + 1);
  const samples = sum(inSpan.map((window) => window.samples));
  const bytes = sum(inSpan.map((window) => window.bytes));
  if (samples < FEWEST_SAMPLES || bytes < HEAP_SHARE * now.heapUsedBytes) return undefined;
  const acceptedCount = end.acceptedCount - start.acceptedCount;
  if (now.openCount - start.openCount > Math.max(OPEN_COUNT, OPEN_SHARE * acceptedCount)) return undefined;
  if ((aliveBytes.at(-1) ?? 0) - (aliveBytes[from] ?? 0) < ADDED_SHARE * bytes) return undefined;
  const middle = from + Math.floor((to - from) / 2);
  // In each half by itself: a program that warms up lets the heap grow as well, and would vouch for a cache that was full before.
  for (const [begin, until, endsAt] of [
    [from, middle, points[middle]],
    [middle, to, now],
  ] as const) {
    const added = sum(windows.slice(begin + 1, until + 1).map((window) => window.bytes));
    const heapGrew = (endsAt?.heapUsedBytes ?? 0) - (points[begin]?.heapUsedBytes ?? 0);
    if (heapGrew < ADDED_SHARE * added) return undefined;
  }
  const length = (to - from) / partCount;
  const cuts = Array.from({ length: partCount }, (_, part) => from + part * length);
  const growsBy = (driver: (point: TrafficPoint) => number): boolean =>
    isSteady(
      cuts.map((cut) => ({
        cycles: driver(points[cut + length] ?? end) - driver(points[cut] ?? start),
        grew: sum(windows.slice(cut + 1, cut + length + 1).map((window) => window.samples)),
      })),
    );
  if (!growsBy((point) => point.acceptedCount) && !growsBy((point) => point.atMs)) return undefined;
  const forMs = end.atMs - start.atMs;
  return {
    fromMs: start.atMs,
    forMs,
    bytes,
    samples,
    acceptedCount,
    outsideHeapBytes: end.outsideHeapBytes - start.outsideHeapBytes,
    bytesPerHour: (bytes / forMs) * 3_600_000,
    bytesPerConnection: acceptedCount === 0 ? null : bytes / acceptedCount,
  };
}

/** Samples say nothing about the number of objects, so what drives them is scaled to one sample a cycle. */
function isSteady(parts: readonly WindowGrowth[]): boolean {
  const scale = sum(parts.map(({ grew }) => grew)) / sum(parts.map(({ cycles }) => cycles));
  if (!Number.isFinite(scale)) return false;
  const scaled = parts.map(({ cycles, grew }) => ({ cycles: cycles * scale, grew }));
  return judgeWindows(scaled)?.is === 'leak';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
