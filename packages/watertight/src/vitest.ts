import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import { LeakGuard, type LeakGuardOptions } from './kit/leak-guard.ts';
import { toHoldAtMost, toLeaveNothingBehind, toReleaseWithin, type LeakMatchers } from './kit/matchers.ts';

export * from './kit.ts';

declare module 'vitest' {
  interface Matchers<T> extends LeakMatchers {}
}

expect.extend({ toReleaseWithin, toHoldAtMost, toLeaveNothingBehind });

/**
 * Fails every test of this file, or of the suite it is called in, that leaves a timer, handle, socket, listener or manager behind,
 * and says where it was made. Tests must run one after another, not `test.concurrent`.
 */
export function leakGuard(options?: LeakGuardOptions): void {
  const guard = new LeakGuard(options);
  beforeEach(() => guard.begin());
  afterEach(async ({ task }) => await guard.end(task.name));
  afterAll(() => guard[Symbol.dispose]());
}
