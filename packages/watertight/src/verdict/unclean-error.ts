import type { StepResult, Violation } from './types.ts';
import type { ViolationType } from './violation-types.ts';

/** Thrown by `ResourceLeakTracker.assertClean()`. Match `code`, not the class. */
export class UncleanError extends Error {
  readonly code = 'WATERTIGHT_E_UNCLEAN' as const;
  /** One sentence for everything that was recorded and not expected. */
  readonly reasons: readonly string[];

  constructor(scenario: string, reasons: readonly string[]) {
    super(`${scenario} is not clean:\n${reasons.map((reason) => `  - ${reason}`).join('\n')}`);
    this.name = 'UncleanError';
    this.reasons = reasons;
  }
}

/** Everything that keeps a record from being clean, a sentence each. */
export function whatIsUnclean(
  violations: readonly Violation[],
  expectedMissing: readonly ViolationType[],
  steps: readonly StepResult[],
): readonly string[] {
  return [
    ...violations
      .filter((violation) => !violation.expected)
      .map(({ type, severity, message }) => `${type} (${severity}): ${message}`),
    ...expectedMissing.map((type) => `${type} was expected by name and did not occur`),
    ...steps
      .filter((step) => step.status === 'inconclusive' || step.status === 'not run')
      .map((step) => `${step.id} is ${step.status}: ${step.note ?? ''}`),
  ];
}
