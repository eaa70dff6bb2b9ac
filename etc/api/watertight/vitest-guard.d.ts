import { type LeakGuardOptions } from './kit/leak-guard.ts';
/**
 * Fails every test of this file, or of the suite it is called in, that leaves a timer, handle, socket, listener or manager behind,
 * and says where it was made. Tests must run one after another, not `test.concurrent`.
 */
export declare function leakGuard(options?: LeakGuardOptions): void;
