import { deadlineMsOf } from '../shared/promised.ts';
import { shareOf } from '../shared/share-of-limit.ts';
import type { ScenarioContext } from '../types.ts';

/** No emergency cleanup of a user starts within this time of the last one. */
const PAUSE_MS = 1_000;
const USUAL_PROBE_TIMEOUT_MS = 200;
const USUAL_MISSES = 2;
/**
 * So much of an interval longer than one interval a peer must have been quiet before it is called a suspect. What a peer said last
 * is read by a busy server a while after it fell silent: at 600 ms this is more than a loop may be late without being excused.
 */
const SUSPECT_AFTER = 1.25;
const LARGEST_LIMIT = 200;
const SMALLEST_LIMIT = 4;
const LONGEST_INTERVAL_MS = 10_000;

/** The numbers of the emergency cleanup as this target has them. */
export interface EmergencyRules {
  readonly limit: number;
  /** How many held ones make an admission trigger the cleanup. */
  readonly threshold: number;
  readonly silentCount: number;
  /** From going silent until the cleanup may be triggered: suspects by then, and not yet taken by ordinary removal. */
  readonly quietMs: number;
  /** From going silent until ordinary removal may take somebody, at the earliest. */
  readonly ordinaryMs: number;
  readonly probeTimeoutMs: number;
  readonly deadlineMs: number;
  readonly pauseMs: number;
  /** `undefined` when only guessed at from the promise about silence, or switched off. */
  readonly pendingDeadlineMs: number | undefined;
}

export type RulesOrNot = EmergencyRules | { readonly status: 'not promised' | 'not visible'; readonly note: string };

/** Reads the rules from the factory where there is one, else from what was promised. */
export function emergencyRules({ promises, inside }: Pick<ScenarioContext, 'promises' | 'inside'>): RulesOrNot {
  const { limit, emergencyThreshold, silenceDetectedWithinMs } = promises;
  if (limit.by === 'nobody')
    return { status: 'not promised', note: 'nobody said how many connections a user may have (--limit)' };
  if (emergencyThreshold.by === 'nobody')
    return { status: 'not promised', note: 'nobody said at which share of the limit an emergency cleanup runs' };
  if (limit.value < SMALLEST_LIMIT || limit.value > LARGEST_LIMIT) {
    const note = `a limit of ${limit.value} does not fit; this scenario needs one from ${SMALLEST_LIMIT} to ${LARGEST_LIMIT}`;
    return { status: 'not visible', note };
  }
  const options = inside?.factory?.options;
  const promisedMs = silenceDetectedWithinMs.by === 'nobody' ? undefined : silenceDetectedWithinMs.value;
  const misses = options?.heartbeatMisses ?? USUAL_MISSES;
  // The promise about silence is interval × misses + interval.
  const intervalMs =
    asNumber(options?.heartbeatIntervalMs) ?? (promisedMs === undefined ? undefined : promisedMs / (misses + 1));
  if (intervalMs === undefined)
    return {
      status: 'not promised',
      note: 'nobody said when a peer counts as silent, and no heartbeat interval is visible',
    };
  if (intervalMs > LONGEST_INTERVAL_MS) {
    const note = `a heartbeat interval of ${intervalMs / 1_000} s is longer than a check waits; one of at most ${LONGEST_INTERVAL_MS / 1_000} s would show it`;
    return { status: 'not visible', note };
  }
  const threshold = shareOf(limit.value, emergencyThreshold.value);
  return {
    limit: limit.value,
    threshold,
    silentCount: Math.floor(threshold / 2),
    quietMs: intervalMs * SUSPECT_AFTER,
    ordinaryMs: intervalMs * misses,
    probeTimeoutMs: options?.probeTimeoutMs ?? USUAL_PROBE_TIMEOUT_MS,
    deadlineMs: deadlineMsOf(promises),
    pauseMs: PAUSE_MS,
    pendingDeadlineMs: asNumber(options?.pendingDeadlineMs),
  };
}

/** An interval that is switched off is no number. */
function asNumber(value: number | false | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
