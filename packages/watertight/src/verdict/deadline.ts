/** Above this event-loop delay, in milliseconds, a late cleanup says nothing about the cleanup. */
export const LOOP_DELAY_LIMIT_MS = 100;

/** What one measured duration says about a promised deadline; all values in milliseconds. */
export interface DeadlineEvidence {
  readonly elapsedMs: number;
  readonly deadlineMs: number;
  /** Longest delay of the target's event loop meanwhile; `undefined` when nobody could look. */
  readonly loopDelayMs: number | undefined;
}

/**
 * `held`, `broken`, or `inconclusive` when the target's event loop itself stood still for more than
 * {@link LOOP_DELAY_LIMIT_MS}: then it was busy, and nothing is proven about its cleanup.
 * The caller repeats an inconclusive measurement once.
 */
export function judgeDeadline(evidence: DeadlineEvidence): 'held' | 'broken' | 'inconclusive' {
  if (evidence.elapsedMs <= evidence.deadlineMs) return 'held';
  if (evidence.loopDelayMs !== undefined && evidence.loopDelayMs > LOOP_DELAY_LIMIT_MS) return 'inconclusive';
  // A NaN would compare false above and land here: an unmeasured duration must never count as held.
  return 'broken';
}
