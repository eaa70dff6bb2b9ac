import { expect } from 'vitest';
import { toHoldAtMost, toLeaveNothingBehind, toReleaseWithin, type LeakMatchers } from './kit/matchers.ts';

export * from './kit.ts';
export { leakGuard } from './vitest-guard.ts';

declare module 'vitest' {
  interface Matchers<T> extends LeakMatchers {}
}

expect.extend({ toReleaseWithin, toHoldAtMost, toLeaveNothingBehind });
