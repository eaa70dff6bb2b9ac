import * as kit from './kit.ts';
import { LeakGuard, type LeakGuardOptions } from './kit/leak-guard.ts';
import { toHoldAtMost, toLeaveNothingBehind, toReleaseWithin, type LeakMatchers } from './kit/matchers.ts';

declare global {
  // Of @types/jest; nobody minds where that is not.
  namespace jest {
    interface Matchers<R, T = {}> extends LeakMatchers {}
  }
}

/** What Jest puts into the global object of a test file, as far as we need it. */
export interface JestGlobals {
  readonly expect?: {
    extend(matchers: object): void;
    getState(): { readonly currentTestName?: string | undefined };
  };
  readonly beforeEach?: (run: () => void) => void;
  readonly afterEach?: (run: () => Promise<void>, timeoutMs: number) => void;
  readonly afterAll?: (run: () => void) => void;
  /** A copy of Node's, with listeners of its own. */
  readonly process?: NodeJS.Process;
}

/** The test kit with matchers and hooks of Jest. */
export type JestKit = typeof kit & {
  /**
   * Fails every test of this file, or of the suite it is called in, that leaves a timer, handle, socket, listener or manager behind,
   * and says where it was made.
   */
  readonly leakGuard: (options?: LeakGuardOptions) => void;
};

/**
 * @param realm the global object of the test file: that of Jest's own, not Node's.
 * @throws when it is not called in a test file of Jest, or Jest was told to inject no globals.
 */
export function bindJest(realm: JestGlobals): JestKit {
  const { expect, beforeEach, afterEach, afterAll } = realm;
  if (expect === undefined || beforeEach === undefined || afterEach === undefined || afterAll === undefined)
    throw new Error(
      'watertight/jest needs the globals of Jest (expect, beforeEach, afterEach, afterAll): import it in a test file or in setupFilesAfterEnv, and leave injectGlobals on',
    );
  expect.extend({ toReleaseWithin, toHoldAtMost, toLeaveNothingBehind });
  const leakGuard = (options?: LeakGuardOptions): void => {
    const guard = new LeakGuard(options, realm);
    beforeEach(() => guard.begin());
    afterEach(async () => await guard.end(expect.getState().currentTestName ?? 'a test'), guard.endsWithinMs);
    afterAll(() => guard[Symbol.dispose]());
  };
  return { ...kit, leakGuard };
}
