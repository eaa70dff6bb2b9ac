import { after, afterEach, beforeEach, type SuiteContext, type TestContext } from 'node:test';
import { LeakGuard, type LeakGuardOptions } from './kit/leak-guard.ts';

export * from './kit.ts';

/**
 * Fails every test of this file, or of the suite it is called in, that leaves a timer, handle, socket, listener or manager behind,
 * and says where it was made. What a subtest makes is the test's it belongs to. Tests must run one after another, not with
 * `concurrency`; subtests of one test may.
 */
export function leakGuard(options?: LeakGuardOptions): void {
  const guard = new LeakGuard(options);
  let watched: TestContext | SuiteContext | undefined;
  beforeEach((context: TestContext | SuiteContext) => {
    if (watched !== undefined && fullNameOf(context).startsWith(`${fullNameOf(watched)} > `)) return;
    guard.begin();
    watched = context;
  });
  afterEach(async (context: TestContext | SuiteContext) => {
    if (context !== watched) return;
    const end = async (): Promise<void> => {
      watched = undefined;
      await guard.end(context.name);
    };
    // What a test takes away by `t.after` goes after these hooks, in the order of registration.
    if ('after' in context) context.after(end);
    else await end();
  });
  after(() => guard[Symbol.dispose]());
}

function fullNameOf(context: TestContext | SuiteContext): string {
  return 'fullName' in context ? context.fullName : context.name;
}
