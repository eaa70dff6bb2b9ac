export { expectNoLeaks } from './kit/expect-no-leaks.ts';
export type { ExpectNoLeaksOptions } from './kit/expect-no-leaks-options.ts';
export type {
  CommandToStart,
  Cycle,
  Examined,
  ExaminedServer,
  RunningElsewhere,
  StartedServer,
} from './kit/examined.ts';
export type { Counted } from './kit/counted.ts';
export { FakeClock } from './kit/fake-clock.ts';
export { LeakError } from './kit/leak-error.ts';
export { LeakGuard, type LeakGuardOptions } from './kit/leak-guard.ts';
export { LeftoverError, type Leftover } from './kit/leftover.ts';
export type { LeakMatchers } from './kit/matchers.ts';
export { expectHoldAtMost, expectNothingBehind, expectReleaseWithin } from './kit/plain-expectations.ts';
export { openRelay, type Relay, type RelayTarget } from './kit/relay.ts';
export type { RelayConnection } from './kit/relay-connection.ts';
export type { RelayEnding } from './kit/relay-endings.ts';
export { connectInMemory, socketPair, type ConnectInMemoryOptions, type SocketPairOptions } from './kit/socket-pair.ts';
export type { MemorySocket } from './kit/memory-socket.ts';
export type { ConnectionErrorCode } from './kit/connection-error.ts';
export { startServer, type InProcessServer, type StartServerOptions } from './kit/start-server.ts';
export { ResourceLeakTracker } from './tracker.ts';
