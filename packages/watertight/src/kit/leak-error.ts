import type { CheckResult } from '../verdict/types.ts';

/** Thrown by `expectNoLeaks` for every verdict but `watertight`. Match `code`, not the class. */
export class LeakError extends Error {
  readonly code = 'WATERTIGHT_E_LEAK' as const;
  /** Everything that was seen, as `watertight check --json` writes it. */
  readonly result: CheckResult;

  constructor(result: CheckResult, text: string) {
    super(`${headline(result)}\n\n${text}`);
    this.name = 'LeakError';
    this.result = result;
  }
}

function headline({ verdict, target }: CheckResult): string {
  return verdict === 'inconclusive'
    ? `whether ${target.label} is watertight could not be told`
    : `${target.label} is not watertight: ${verdict}`;
}
