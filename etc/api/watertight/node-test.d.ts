import { type LeakGuardOptions } from './kit/leak-guard.ts';
export * from './kit.ts';
/**
 * Fails every test of this file, or of the suite it is called in, that leaves a timer, handle, socket, listener or manager behind,
 * and says where it was made. What a subtest makes is the test's it belongs to. Tests must run one after another, not with
 * `concurrency`; subtests of one test may.
 */
export declare function leakGuard(options?: LeakGuardOptions): void;
