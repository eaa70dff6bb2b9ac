import { bindJest } from './jest-binding.ts';
import type * as kit from './kit.ts';

export type * from './kit.ts';

const bound = bindJest(globalThis);
export const {
  connectInMemory,
  expectNoLeaks,
  expectHoldAtMost,
  expectNothingBehind,
  expectReleaseWithin,
  leakGuard,
  openRelay,
  socketPair,
  startServer,
  FakeClock,
  LeakError,
  LeakGuard,
  LeftoverError,
  ResourceLeakTracker,
} = bound;

// A class is a type as well.
export type FakeClock = kit.FakeClock;
export type LeakError = kit.LeakError;
export type LeakGuard = kit.LeakGuard;
export type LeftoverError = kit.LeftoverError;
export type ResourceLeakTracker = kit.ResourceLeakTracker;
