import type { ScenarioContext } from '../types.ts';

/** So many cycles before the baseline: what a server builds once, it builds then. */
export const WARM_UP_COUNT = 20;
/** Under suspicion so many times the cycles that were asked for are added, one after another: what is bounded shows by then. */
const PRESSING: readonly number[] = [2, 4, 6];
/** Before those, where nothing grew but a few of something: most often that is the end of a warm-up, and shows as such soon. */
const FIRST_PRESSING_IN_DOUBT = 1;
/** So many times more where it is neither steady nor at an end by then. */
export const LAST_PRESSING = 8;

/** So many cycles are run at most: the warm-up, those that are asked for, and what suspicion adds. */
export function mostCycles({ bail, cycles }: Pick<ScenarioContext, 'bail' | 'cycles'>): number {
  const factors = pressingFactors(bail, true);
  return factors.reduce((sum, factor, index) => sum + pressedCycles(cycles, factor, index), WARM_UP_COUNT + cycles);
}

/** How many times the cycles that were asked for are added, in turn; with `bail` only the first few. */
export function pressingFactors(bail: boolean, isOnlyInDoubt: boolean): readonly number[] {
  const first = isOnlyInDoubt || bail ? [FIRST_PRESSING_IN_DOUBT] : [];
  return bail ? first : [...first, ...PRESSING, LAST_PRESSING];
}

/** One more than a multiple, so that the windows have no common divisor. */
export function pressedCycles(cycles: number, factor: number, index: number): number {
  return factor * cycles + index;
}
