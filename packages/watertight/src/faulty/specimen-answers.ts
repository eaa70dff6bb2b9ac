import type { SpecimenOptions } from './specimen-options.ts';

const MS_PER_SECOND = 1_000;

/** How a refusal is answered: by a close code, by HTTP, or not at all. From left to right each costs less. */
export type AnswerKind = 'close' | 'http' | 'destroy';

/** Refusals are answered for as long as they are few; under attack each costs no more than its socket. */
export class SpecimenAnswers {
  readonly counts: Record<AnswerKind, number> = { close: 0, http: 0, destroy: 0 };
  readonly maxPerSecond: { readonly close: number; readonly http: number };
  #second = 0;
  #spent: Record<AnswerKind, number> = { close: 0, http: 0, destroy: 0 };

  constructor({ maxCloseRefusalsPerSecond, maxHttpRefusalsPerSecond }: SpecimenOptions) {
    this.maxPerSecond = { close: maxCloseRefusalsPerSecond, http: maxHttpRefusalsPerSecond };
  }

  /** How this refusal is answered. */
  spend(atMs: number): AnswerKind {
    const second = Math.floor(atMs / MS_PER_SECOND);
    if (second !== this.#second) this.#spent = { close: 0, http: 0, destroy: 0 };
    this.#second = second;
    const kind = this.isWithin('close', this.#spent)
      ? 'close'
      : this.isWithin('http', this.#spent)
        ? 'http'
        : 'destroy';
    this.#spent[kind] += 1;
    this.counts[kind] += 1;
    return kind;
  }

  isWithin(kind: 'close' | 'http', spent: Readonly<Record<AnswerKind, number>>): boolean {
    return spent[kind] < this.maxPerSecond[kind];
  }
}
