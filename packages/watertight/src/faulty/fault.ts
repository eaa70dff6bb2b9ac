import type { SpecimenOptions } from './specimen-options.ts';
import type { Specimen } from './specimen.ts';

/** A faulty variation of the healthy specimen, and who is expected to see it. */
export interface Fault {
  /** `D-…` is a defect of the system this descends from, `W-…` is one of our own, `P-…` one that shows in a situation of production. */
  readonly id: string;
  readonly title: string;
  /** What it does wrong, in one sentence. */
  readonly wrong: string;
  readonly specimen: new (options: SpecimenOptions) => Specimen;
  /**
   * Ids of the steps of which one has to turn red. The first names the scenario that the quick mode runs; several,
   * where it depends on timing which of them looks first.
   */
  readonly caughtBy: readonly [string, ...string[]];
}
