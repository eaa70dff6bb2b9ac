import type { EventEmitter } from 'node:events';
import { type Leftover } from './leftover.ts';
export interface LeakGuardOptions {
    /** So long after a test everything it made must be gone, in milliseconds. Default 500. */
    readonly settleMs?: number;
    /** What may stay. Default: nothing. */
    readonly allow?: (leftover: Leftover) => boolean;
    /** Emitters whose listeners are counted, by the name that messages give them, besides `process` and those that are older than the test. */
    readonly emitters?: Readonly<Record<string, EventEmitter>>;
}
interface Realm {
    readonly process?: EventEmitter;
}
/** Watches what tests make, one test after another. Tests of one file that run at the same time cannot be told apart. */
export declare class LeakGuard implements Disposable {
    #private;
    /** `realm`: the global object of the tests, where it is not ours. */
    constructor(options?: LeakGuardOptions, realm?: Realm);
    /** Longer than `end` takes, in milliseconds: the time-out of the hook that calls it, whatever the runner's own is. */
    get endsWithinMs(): number;
    /** A test begins. @throws when another one has not ended: tests that run at the same time cannot be told apart. */
    begin(): void;
    /** The test has ended. @throws {@link LeftoverError} when after `settleMs` something that it made is still there. */
    end(test: string): Promise<void>;
    [Symbol.dispose](): void;
}
export {};
