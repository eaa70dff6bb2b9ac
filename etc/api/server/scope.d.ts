import type { EventEmitter } from 'node:events';
import type { FinalizerContext } from './finalizer-context.ts';
import type { FinalizerReport } from './finalizer-report.ts';
export type Finalizer = (context: FinalizerContext) => unknown;
/** The handle of one owned resource. */
export interface Registration extends Disposable {
    /** Disposes of the resource now and takes it out of its scope. Idempotent. Answers what the resource's own disposal answered. */
    dispose(): unknown;
}
/** Anything that emits events by Node's convention or by the DOM's. */
export type Emitter = Pick<EventEmitter, 'on' | 'off'> | Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
/**
 * Owns resources and disposes of them, last acquired first. What is handed to a scope that has ended is disposed of at once,
 * and {@link ManagerClosedError} tells the caller. What is no resource, function, emitter or time is refused with `InvalidOptionsError`.
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
    /**
     * Runs `run` every `intervalMs` milliseconds until the end. What it throws goes to `onError`.
     * @throws InvalidOptionsError below 0 and above 2 147 483 647 ms, as Node would run it every millisecond.
     */
    every(intervalMs: number, run: () => unknown): Registration;
    /**
     * Runs `run` once after `delayMs` milliseconds, unless the end comes first; below 0 it is due already, and runs in the next turn. What it
     * throws goes to `onError`.
     * @throws InvalidOptionsError above 2 147 483 647 ms, as Node would run it at once.
     */
    after(delayMs: number, run: () => unknown): Registration;
    /** A scope that ends with this one, or earlier by its own `close()`. */
    child(): ChildScope;
}
/** A scope within a scope. */
export interface ChildScope extends Scope, AsyncDisposable {
    /** Disposes of everything it owns; resolves when that is done, or at the cleanup deadline with what is overdue. Idempotent. Of one that its parent lets go of already, with the report of that. */
    close(reason?: string): Promise<FinalizerReport>;
}
