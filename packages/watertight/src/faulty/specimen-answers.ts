import type { SpecimenOptions } from './specimen-options.ts';

const MS_PER_SECOND = 1_000;

/** Refusals are answered for as long as they are few; under attack each costs no more than its socket. */
export class SpecimenAnswers {
  readonly counts: { close: number; http: number; destroy: number } = { close: 0, http: 0, destroy: 0 };
  readonly maxPerSecond: number;
  #second = 0;
  #spent = 0;

  constructor({ maxHttpRefusalsPerSecond }: SpecimenOptions) {
    this.maxPerSecond = maxHttpRefusalsPerSecond;
  }

  /** Whether this refusal is answered. */
  spend(atMs: number): boolean {
    const second = Math.floor(atMs / MS_PER_SECOND);
    if (second !== this.#second) this.#spent = 0;
    this.#second = second;
    this.#spent += 1;
    const isAnswered = this.isWithin(this.#spent);
    this.counts[isAnswered ? 'http' : 'destroy'] += 1;
    return isAnswered;
  }

  isWithin(spent: number): boolean {
    return spent <= this.maxPerSecond;
  }
}
