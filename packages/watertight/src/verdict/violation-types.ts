/**
 * Everything a run can be convicted of: the closed vocabulary of `--expect`, `StepOutcome.type` and `recordViolation`.
 * The value says whether something was left behind (`leak`) or a promise was broken (`violation`).
 */
export const VIOLATION_TYPES = {
  // limit
  'limit-overshoot': 'violation',
  'limit-undershoot': 'violation',
  'limit-not-enforced': 'violation',
  'refusal-undocumented': 'violation',
  'limit-hits-wrong': 'violation',
  'slot-not-reusable': 'violation',
  'other-user-affected': 'violation',
  'wrong-held-count': 'violation',
  // timing
  'slow-slot-release': 'violation',
  'slow-cleanup': 'violation',
  'slow-batch-cleanup': 'violation',
  'slow-socket-close': 'violation',
  'slow-finalizers': 'violation',
  'finalizer-blocks-others': 'violation',
  'overdue-finalizer-unnamed': 'violation',
  'silence-undetected': 'violation',
  'living-removed': 'violation',
  // emergency
  'emergency-not-triggered': 'violation',
  'emergency-kept-silent': 'violation',
  'emergency-removed-living': 'violation',
  'emergency-overreach': 'violation',
  'emergency-wrong-reason': 'violation',
  'pending-undetected': 'violation',
  'manual-cleanup-ineffective': 'violation',
  'reading-changes-state': 'violation',
  // stress and accounting
  'cycles-incomplete': 'violation',
  'accounting-mismatch': 'violation',
  'unresponsive-connection': 'violation',
  'managers-left': 'leak',
  'users-left': 'leak',
  'sockets-left': 'leak',
  'timers-left': 'leak',
  'handles-left': 'leak',
  'listeners-left': 'leak',
  'file-descriptors-left': 'leak',
  'instances-left': 'leak',
  'collection-grows': 'leak',
  'processes-left': 'leak',
  'memory-left': 'leak',
  'gauge-grows': 'leak',
  'planted-leak-unseen': 'violation',
  'late-release': 'violation',
  // suite-coverage
  'fault-not-caught': 'violation',
  'healthy-convicted': 'violation',
  // general
  'promise-broken': 'violation',
  'left-behind': 'leak',
  'expected-violation-missing': 'violation',
} as const;

export type ViolationType = keyof typeof VIOLATION_TYPES;

export function isViolationType(text: string): text is ViolationType {
  return Object.hasOwn(VIOLATION_TYPES, text);
}
