import { bindJest } from './jest-binding.ts';

export type * from './kit.ts';

const bound = bindJest(globalThis);
export const {
  expectNoLeaks,
  expectHoldAtMost,
  expectNothingBehind,
  expectReleaseWithin,
  leakGuard,
  startServer,
  FakeClock,
  LeakError,
  LeakGuard,
  LeftoverError,
  ResourceLeakTracker,
} = bound;
