/** Something that came to be during a test and outlived it. */
export interface Leftover {
  readonly kind: 'timer' | 'socket' | 'server' | 'process' | 'handle' | 'listener' | 'managers';
  /** `interval of 1000 ms`, `listener for "exit" on process`. */
  readonly what: string;
  /** Where it was made, `file:line:column`; `null` when Node made it by itself. */
  readonly at: string | null;
}

/** Thrown by a leak guard after the test that left something behind. Match `code`, not the class. */
export class LeftoverError extends Error {
  readonly code = 'WATERTIGHT_E_LEFTOVER' as const;
  readonly test: string;
  readonly leftovers: readonly Leftover[];

  constructor(test: string, leftovers: readonly Leftover[], settleMs: number) {
    const lines = leftovers.map(({ what, at }) => `  - ${what}${at === null ? '' : `, made at ${at}`}`);
    super(`"${test}" left behind, ${settleMs} ms after its end:\n${lines.join('\n')}`);
    this.name = 'LeftoverError';
    this.test = test;
    this.leftovers = leftovers;
  }
}
