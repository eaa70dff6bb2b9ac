import type { EventEmitter } from 'node:events';
import type { Timer } from './clock.ts';
import { type FinalizerContext } from './finalizer-context.ts';
import type { FinalizerReport } from './finalizer-report.ts';
import type { Host } from './host.ts';
import type { Site } from './registration-site.ts';
export type Finalizer = (context: FinalizerContext) => unknown;
/** The handle of one owned resource. */
export interface Registration extends Disposable {
    /** Disposes of the resource now and takes it out of its scope. Idempotent. Answers what the resource's own disposal answered. */
    dispose(): unknown;
}
/** Anything that emits events by Node's convention or by the DOM's. */
export type Emitter = Pick<EventEmitter, 'on' | 'off'> | Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
/** Where owned resources hang: an ordered list that forgets in O(1), so that short-lived resources of a long-lived manager leave nothing. */
export interface OwnedList {
    readonly user: string;
    tail: Owned | undefined;
    size: number;
    /** Set when the end was issued: nothing is added any more. */
    ended: boolean;
}
/** A node of an {@link OwnedList}. */
export declare abstract class Owned implements Registration {
    #private;
    before: Owned | undefined;
    after: Owned | undefined;
    constructor(list: OwnedList, site: Site);
    abstract get name(): string;
    abstract release(context: FinalizerContext): unknown;
    get site(): Site;
    /** The list of a scope within the scope. */
    get nested(): OwnedList | undefined;
    /** What became of its own resources, once its release is done. */
    get report(): FinalizerReport | undefined;
    /** Takes it out of its list; answers whether it was in it. */
    unlink(): boolean;
    dispose(): unknown;
    [Symbol.dispose](): void;
}
/** */
export declare class OwnedFinalizer extends Owned {
    #private;
    constructor(list: OwnedList, site: Site, finalizer: Finalizer, name: string | undefined);
    get name(): string;
    release(context: FinalizerContext): unknown;
}
/** */
export declare class OwnedDisposable extends Owned {
    #private;
    constructor(list: OwnedList, site: Site, resource: Disposable | AsyncDisposable);
    get name(): string;
    release(): unknown;
}
/** Asynchronous disposal wins where a resource has both, as `await using` would choose. */
export declare function disposeOf(resource: Disposable | AsyncDisposable): unknown;
/** */
export declare class OwnedListener extends Owned {
    #private;
    constructor(list: OwnedList, site: Site, emitter: Emitter, event: string | symbol, listener: (...args: never[]) => unknown);
    get name(): string;
    release(): void;
}
/** */
export declare class OwnedTimer extends Owned {
    #private;
    constructor(list: OwnedList, site: Site, host: Host, start: (owned: OwnedTimer) => Timer);
    get name(): string;
    release(): void;
}
