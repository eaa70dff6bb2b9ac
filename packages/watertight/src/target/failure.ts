import type { TargetFailure } from './types.ts';

/** A target that cannot be examined; `failure.message` is for the person in front of the screen. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly failure: TargetFailure;

  constructor(failure: TargetFailure) {
    super(failure.message);
    this.failure = failure;
  }
}
