import { afterAll, beforeEach } from 'vitest';
import { LeakGuard, type LeakGuardOptions } from './kit/leak-guard.ts';

/**
 * Fails every test of this file, or of the suite it is called in, that leaves a timer, handle, socket, listener or manager behind,
 * and says where it was made. Tests must run one after another, not `test.concurrent`.
 */
export function leakGuard(options?: LeakGuardOptions): void {
  const guard = new LeakGuard(options);
  beforeEach(({ task, onTestFinished }) => {
    guard.begin();
    // Called last of all: after the hooks of the test, its fixtures, and what it registered likewise.
    onTestFinished(async () => await guard.end(task.name), guard.endsWithinMs);
  });
  afterAll(() => guard[Symbol.dispose]());
}
