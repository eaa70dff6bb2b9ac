import type { CheckResult } from '../verdict/types.ts';

/** The whole result, for machines. Lone surrogates and control characters come out as JSON escapes. */
export function renderJson(result: CheckResult): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}
