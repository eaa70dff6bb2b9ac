import type { Growth } from './finding.ts';

/** How much something grew while a window of cycles ran, or how much of that window is still there. */
export interface WindowGrowth {
  readonly cycles: number;
  readonly grew: number;
}

/** Less than one in fifty cycles is not told from code that warms up, within the cycles a check can afford. */
const SMALLEST_RATE = 0.02;
/** Fewer than this may be chance, whatever the rate. */
const FEWEST = 5;
/** The two halves of what was seen may differ this much and still be the same rate: few cycles make coarse rates. */
const LARGEST_RATIO = 1.8;
/** A half that has less than this share of the other's rate has stopped growing, or has let go again. */
const STOPPED_SHARE = 0.2;
/** Below this rate what is neither steady nor at an end is no reason to leave a verdict open. */
const UNDECIDED_RATE = 0.1;
/** So few are enough to spend more cycles on; not to convict. */
const FEWEST_TO_DOUBT = 2;
/** What comes at less than this share of its first rate is coming to rest, as far as so few can tell. */
const EASING_SHARE = 0.3;
/** So many tell by themselves whether they come and go by chance. */
const MANY = 20;
/** A window that should have this many has its share, if what grows does so with the cycles. */
const EXPECTED_COUNT = 6;
const PATCHY_SHARE = 0.25;
/** A count that is off an integer by less than this share is that integer: a life may be cut before it leaves anything. */
const EXACT_SHARE = 0.01;
/** 95 % of a normal distribution. */
const TWO_SIGMA = 1.96;

/**
 * What windows of cycles come to. Cycles that were spent in windows of different length must all have left as much each, the
 * early ones as the late ones: code that warms up leaves nothing later, a cache that is full lets go of what came first.
 * Answers `undefined` when nothing grew that is worth a word: too few, or too seldom. `at` is the size that a bounded thing has
 * come to.
 */
export function judgeWindows(windows: readonly WindowGrowth[], at: number = 0): Growth | undefined {
  const cycles = sum(windows.map((window) => window.cycles));
  const grew = sum(windows.map((window) => window.grew));
  if (cycles === 0 || grew <= 0) return undefined;
  const [early, late] = halves(windows);
  const [earlyRate, lateRate] = [rate(early), rate(late)];
  const least = Math.min(earlyRate, lateRate);
  const most = Math.max(earlyRate, lateRate);
  if (least <= STOPPED_SHARE * most) return grew < FEWEST ? undefined : { is: 'bounded', at };
  if (grew / cycles < SMALLEST_RATE || grew < FEWEST) return undefined;
  if (isPatchy(windows, grew / cycles)) return undefined;
  if (most > LARGEST_RATIO * least) {
    // Little by little and now and then: that is how code that warms up looks, not how connections leave things behind.
    if (grew / cycles < UNDECIDED_RATE) return undefined;
    const why = `${perCycle(early)} per cycle at first, ${perCycle(late)} later: neither steady nor at an end`;
    return { is: 'undecided', why };
  }
  return leak(windows, cycles, grew);
}

/**
 * Whether more cycles are worth their time: a few of many cycles, such as one in twenty leaves, cannot be even in short windows.
 * What came mostly at first is coming to rest; what came later, or now and then, is not.
 */
export function isWorthMore(windows: readonly WindowGrowth[]): boolean {
  const { cycles, grew } = total(windows);
  if (cycles === 0 || grew < FEWEST_TO_DOUBT || grew > MANY || grew / cycles < SMALLEST_RATE) return false;
  const [early, late] = halves(windows);
  return late.grew > 0 && rate(late) >= EASING_SHARE * rate(early);
}

/** Whether a window that should have its share has next to none of it. */
function isPatchy(windows: readonly WindowGrowth[], rateOfAll: number): boolean {
  return windows.some(({ cycles, grew }) => {
    const expected = cycles * rateOfAll;
    return expected >= EXPECTED_COUNT && grew < PATCHY_SHARE * expected;
  });
}

function leak(windows: readonly WindowGrowth[], cycles: number, grew: number): Growth {
  const whole = Math.round(grew / cycles);
  const off = Math.abs(grew - whole * cycles);
  const exact = whole >= 1 && off <= EXACT_SHARE * grew && windows.every((window) => isNear(window, whole));
  if (exact) return { is: 'leak', perCycle: whole, exact: true, low: whole, high: whole };
  // Arrivals that do not know of each other: their number varies by its square root.
  const half = (TWO_SIGMA * Math.sqrt(grew)) / cycles;
  return {
    is: 'leak',
    perCycle: grew / cycles,
    exact: false,
    low: Math.max(0, grew / cycles - half),
    high: grew / cycles + half,
  };
}

function isNear({ cycles, grew }: WindowGrowth, whole: number): boolean {
  return Math.abs(grew - whole * cycles) <= Math.max(1, EXACT_SHARE * whole * cycles);
}

/** The windows before and after the middle of all cycles; with a window in the middle, the smaller difference decides. */
export function halves(windows: readonly WindowGrowth[]): readonly [WindowGrowth, WindowGrowth] {
  const cycles = sum(windows.map((window) => window.cycles));
  let cut = 0;
  let before = 0;
  let bestOff = Infinity;
  for (let index = 1, done = 0; index < windows.length; index += 1) {
    done += windows[index - 1]?.cycles ?? 0;
    const off = Math.abs(done - cycles / 2);
    if (off < bestOff) {
      bestOff = off;
      cut = index;
      before = done;
    }
  }
  if (cut === 0) return [total(windows), total(windows)];
  return [
    { cycles: before, grew: total(windows.slice(0, cut)).grew },
    { cycles: cycles - before, grew: total(windows.slice(cut)).grew },
  ];
}

/** The smallest rate that convicts after so many cycles. */
export function leastShownRate(cycles: number): number {
  return Math.min(1, Math.max(SMALLEST_RATE, FEWEST / cycles));
}

/** All of them as one. */
export function total(windows: readonly WindowGrowth[]): WindowGrowth {
  return { cycles: sum(windows.map((window) => window.cycles)), grew: sum(windows.map((window) => window.grew)) };
}

function rate({ cycles, grew }: WindowGrowth): number {
  return cycles === 0 ? 0 : Math.max(0, grew) / cycles;
}

function perCycle(window: WindowGrowth): string {
  return String(Math.round(rate(window) * 100) / 100);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
