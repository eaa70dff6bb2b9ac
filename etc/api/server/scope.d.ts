import { type FinalizerContext } from './finalizer-context.ts';
import type { FinalizerReport } from './finalizer-report.ts';
import { type Host } from './host.ts';
import { type Emitter, type Finalizer, Owned, type OwnedList, type Registration } from './owned.ts';
import { type Site } from './registration-site.ts';
/**
 * Owns resources and disposes of them, last acquired first. What is handed to a scope that has ended is disposed of at once,
 * and {@link ManagerClosedError} tells the caller.
 */
export interface Scope {
    /** Runs `finalizer` at the end. It may be async; it holds the next one back for at most `finalizerHoldMs`. */
    defer(finalizer: Finalizer, options?: {
        readonly name?: string;
    }): Registration;
    /** Disposes of `resource` at the end, and hands it back. */
    use<Resource extends Disposable | AsyncDisposable>(resource: Resource): Resource;
    /** Adds a listener, and removes it at the end. */
    listen(emitter: Emitter, event: string | symbol, listener: (...args: never[]) => unknown): Registration;
    /** Runs `run` every `intervalMs` milliseconds until the end. What it throws goes to `onError`. */
    every(intervalMs: number, run: () => unknown): Registration;
    /** Runs `run` once after `delayMs` milliseconds, unless the end comes first. What it throws goes to `onError`. */
    after(delayMs: number, run: () => unknown): Registration;
    /** A scope that ends with this one, or earlier by its own `close()`. */
    child(): ChildScope;
}
/** A scope within a scope. */
export interface ChildScope extends Scope, AsyncDisposable {
    /** Disposes of everything it owns; resolves when that is done, or at the cleanup deadline with what is overdue. Idempotent. */
    close(reason?: string): Promise<FinalizerReport>;
}
/** */
export declare class ScopeRecord implements Scope, OwnedList {
    #private;
    readonly user: string;
    tail: Owned | undefined;
    size: number;
    /** Set when the end was issued. */
    ended: boolean;
    constructor(host: Host, user: string);
    defer(finalizer: Finalizer, options?: {
        readonly name?: string;
    }, callee?: Callee): Registration;
    use<Resource extends Disposable | AsyncDisposable>(resource: Resource, callee?: Callee): Resource;
    listen(emitter: Emitter, event: string | symbol, listener: (...args: never[]) => unknown, callee?: Callee): Registration;
    every(intervalMs: number, run: () => unknown, callee?: Callee): Registration;
    after(delayMs: number, run: () => unknown, callee?: Callee): Registration;
    child(callee?: Callee): ChildScope;
}
type Callee = (...args: never[]) => unknown;
/** */
export declare class ChildScopeRecord extends ScopeRecord implements ChildScope {
    #private;
    node: OwnedScope | undefined;
    /** Once it has closed. */
    report: FinalizerReport | undefined;
    constructor(host: Host, user: string);
    close(reason?: string): Promise<FinalizerReport>;
    get closing(): boolean;
    /** The deadline of its parent came first: starts what is left, names what is overdue. */
    closeNow(): void;
    [Symbol.asyncDispose](): Promise<void>;
}
/** A child scope among the resources of its parent. The run walks into it, so that all finalizers share one order and one deadline. */
export declare class OwnedScope extends Owned {
    readonly scope: ChildScopeRecord;
    constructor(list: OwnedList, site: Site, scope: ChildScopeRecord);
    get name(): string;
    /** Once it closes by itself, its run is waited for instead. */
    get nested(): OwnedList | undefined;
    release(context: FinalizerContext): Promise<FinalizerReport>;
    get report(): FinalizerReport | undefined;
}
export {};
