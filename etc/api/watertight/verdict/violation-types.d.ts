/**
 * Everything a run can be convicted of: the closed vocabulary of `--expect`, `StepOutcome.type` and `recordViolation`.
 * The value says whether something was left behind (`leak`) or a promise was broken (`violation`).
 */
export declare const VIOLATION_TYPES: {
    readonly 'limit-overshoot': 'violation';
    readonly 'limit-undershoot': 'violation';
    readonly 'limit-not-enforced': 'violation';
    readonly 'refusal-undocumented': 'violation';
    readonly 'limit-hits-wrong': 'violation';
    readonly 'slot-not-reusable': 'violation';
    readonly 'other-user-affected': 'violation';
    readonly 'wrong-held-count': 'violation';
    readonly 'slow-slot-release': 'violation';
    readonly 'slow-cleanup': 'violation';
    readonly 'slow-batch-cleanup': 'violation';
    readonly 'slow-socket-close': 'violation';
    readonly 'slow-finalizers': 'violation';
    readonly 'finalizer-blocks-others': 'violation';
    readonly 'overdue-finalizer-unnamed': 'violation';
    readonly 'silence-undetected': 'violation';
    readonly 'living-removed': 'violation';
    readonly 'emergency-not-triggered': 'violation';
    readonly 'emergency-kept-silent': 'violation';
    readonly 'emergency-removed-living': 'violation';
    readonly 'emergency-overreach': 'violation';
    readonly 'emergency-wrong-reason': 'violation';
    readonly 'pending-undetected': 'violation';
    readonly 'manual-cleanup-ineffective': 'violation';
    readonly 'reading-changes-state': 'violation';
    readonly 'cycles-incomplete': 'violation';
    readonly 'accounting-mismatch': 'violation';
    readonly 'unresponsive-connection': 'violation';
    readonly 'managers-left': 'leak';
    readonly 'users-left': 'leak';
    readonly 'sockets-left': 'leak';
    readonly 'timers-left': 'leak';
    readonly 'handles-left': 'leak';
    readonly 'listeners-left': 'leak';
    readonly 'file-descriptors-left': 'leak';
    readonly 'instances-left': 'leak';
    readonly 'collection-grows': 'leak';
    readonly 'processes-left': 'leak';
    readonly 'memory-left': 'leak';
    readonly 'gauge-grows': 'leak';
    readonly 'planted-leak-unseen': 'violation';
    readonly 'late-release': 'violation';
    readonly 'fault-not-caught': 'violation';
    readonly 'healthy-convicted': 'violation';
    readonly 'promise-broken': 'violation';
    readonly 'left-behind': 'leak';
    readonly 'expected-violation-missing': 'violation';
};
export type ViolationType = keyof typeof VIOLATION_TYPES;
export declare function isViolationType(text: string): text is ViolationType;
