import type { LifeDrive, LifeEnding, LifeReport, Recipe } from '../drive/recipes/types.ts';
import type { CallAnswer, CalledFunction } from './examiner-protocol.ts';

/** A function of the test process, and the way to have it called. */
export interface Calls extends CalledFunction {
  readonly call: (index: number) => Promise<CallAnswer>;
}

/** What stands where a recipe is asked for: a call begins and ends by itself. */
export const CALLED_RECIPE: Recipe = {
  name: 'calls of a function',
  endings: ['as-written'],
  live: () => Promise.reject(new Error('a function is called by its own process')),
};

/** Client lives that are calls of a function. */
export class CalledLives implements LifeDrive {
  readonly recipe = CALLED_RECIPE;
  readonly each = 'call';
  readonly introduces = false;
  readonly heldCount = 0;
  readonly #calls: Calls;
  #madeCount = 0;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  get madeCount(): number {
    return this.#madeCount;
  }

  async live({ ending }: { readonly ending: LifeEnding }): Promise<LifeReport> {
    const index = this.#madeCount;
    this.#madeCount += 1;
    const { failure } = await this.#calls.call(index);
    return {
      index,
      ending,
      served: failure === null,
      refused: undefined,
      failure: failure ?? undefined,
      note: undefined,
      endedAtMs: performance.now(),
      letGo: undefined,
    };
  }

  async releaseHeld(): Promise<void> {}

  async dispose(): Promise<void> {}
}
