import { after, afterEach, beforeEach, type SuiteContext, type TestContext } from 'node:test';
import { LeakGuard, type LeakGuardOptions } from './kit/leak-guard.ts';

export * from './kit.ts';

/**
 * Fails every test of this file, or of the suite it is called in, that leaves a timer, handle, socket, listener or manager behind,
 * and says where it was made. Tests must run one after another, not with `concurrency`.
 */
export function leakGuard(options?: LeakGuardOptions): void {
  const guard = new LeakGuard(options);
  beforeEach(() => guard.begin());
  afterEach(async (context: TestContext | SuiteContext) => {
    const end = async (): Promise<void> => await guard.end(context.name);
    // What a test takes away by `t.after` goes after these hooks, in the order of registration.
    if ('after' in context) context.after(end);
    else await end();
  });
  after(() => guard[Symbol.dispose]());
}
