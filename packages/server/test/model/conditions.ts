import * as fc from 'fast-check';
import type { ManagerFactoryOptions } from '../../src/options.ts';

type RateOption = 'maxConnectsPerSecondPerUser' | 'maxConnectsPerSecondPerAddress' | 'maxConnectsPerSecond';

/** Attempts a second; `false`: as often as one likes. */
export type Rates = Readonly<Record<RateOption, number | false>>;

/** What differs between runs, and stays as it is in one. */
export interface Conditions {
  readonly releaseGraceMs: number;
  readonly rates: Rates;
}

/** Of a rate, so much may be used up at once. */
export const CONNECT_BURST_MS = 1500;

const NO_RATES: Rates = {
  maxConnectsPerSecondPerUser: false,
  maxConnectsPerSecondPerAddress: false,
  maxConnectsPerSecond: false,
};

/** Whole numbers, so that what is expected of them is reckoned without rounding. */
const rates: fc.Arbitrary<Rates> = fc.record({
  maxConnectsPerSecondPerUser: fc.constantFrom<number | false>(false, 1, 3),
  maxConnectsPerSecondPerAddress: fc.constantFrom<number | false>(false, 1, 3),
  maxConnectsPerSecond: fc.constantFrom<number | false>(false, 4, 7),
});

/** Most runs are without rates: who is turned away at the door does little inside. */
export const conditions: fc.Arbitrary<Conditions> = fc.record({
  releaseGraceMs: fc.constantFrom(0, 0, 300, 1700),
  rates: fc.oneof({ arbitrary: fc.constant(NO_RATES), weight: 2 }, { arbitrary: rates, weight: 1 }),
});

export function optionsOf({ releaseGraceMs, rates: given }: Conditions): ManagerFactoryOptions {
  return { releaseGraceMs, connectBurstMs: CONNECT_BURST_MS, ...given };
}
