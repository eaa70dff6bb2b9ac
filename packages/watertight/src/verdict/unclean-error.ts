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
