import { nowMs, PATIENCE_SHARE, SPECIMEN_DEFAULTS } from './specimen-options.ts';
import { SpecimenScope } from './specimen-scope.ts';
import { type FinalizerOutcome, runFinalizers } from './specimen-teardown.ts';

const { cleanupDeadlineMs, finalizerHoldMs } = SPECIMEN_DEFAULTS;

/** A scope within a manager: what it owns goes with the manager, or earlier when it is closed by itself. */
export class SpecimenChild extends SpecimenScope {
  /** What came of its own close, if it was closed by itself. */
  closing: Promise<FinalizerOutcome> | undefined;
  readonly #parent: SpecimenScope;

  constructor(parent: SpecimenScope) {
    super();
    this.#parent = parent;
  }

  override get ended(): boolean {
    return this.closing !== undefined || this.#parent.ended;
  }

  close(): Promise<FinalizerOutcome> {
    this.closing ??= runFinalizers(this, 'closed', nowMs() + cleanupDeadlineMs * PATIENCE_SHARE, finalizerHoldMs);
    return this.closing;
  }
}
