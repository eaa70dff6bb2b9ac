import type { ScenarioResult } from '../../verdict/types.ts';
import { TOO_SHORT_FOR_INSIDE } from '../soak.ts';
import { NO_METRICS_NAMED, PROVED_ELSEWHERE, TAKES_NO_CLOCK } from '../types.ts';

/** Of steps that are proved in another way; those on a clock that is moved by hand by twins of the factory, in their own tests. */
const NEED_NOT_HOLD: ReadonlySet<string> = new Set([
  PROVED_ELSEWHERE,
  TOO_SHORT_FOR_INSIDE,
  NO_METRICS_NAMED,
  TAKES_NO_CLOCK,
]);

/** What a cell of the matrix comes to, whoever was examined: of what was violated, a step that is `named` comes before the others. */
export function outcomeOf(
  result: ScenarioResult,
  named: readonly string[] = [],
): { readonly outcome: string; readonly note: string } {
  const violation = result.violations.find(({ step }) => named.includes(step)) ?? result.violations[0];
  if (violation !== undefined) return { outcome: violation.step, note: violation.message };
  // Specimens show everything and promise everything: a step that could not be looked at proves nothing.
  const unseen = result.steps.find((step) => step.status !== 'held' && !NEED_NOT_HOLD.has(step.note ?? ''));
  if (unseen !== undefined)
    return { outcome: 'inconclusive', note: `${unseen.id} is ${unseen.status}: ${unseen.note ?? ''}` };
  return { outcome: 'green', note: '' };
}
