import { setMaxListeners } from 'node:events';

/** What a finalizer is told. */
export interface FinalizerContext {
  /** Why the manager or scope ends. */
  readonly reason: string;
  /** Aborted at the cleanup deadline: whoever still works then is reported as overdue. Made only when read. */
  readonly signal: AbortSignal;
}

/** A context whose signal costs nothing until somebody reads it. */
export class LazyFinalizerContext implements FinalizerContext {
  readonly reason: string;
  #controller: AbortController | undefined;
  #aborted = false;

  constructor(reason: string) {
    this.reason = reason;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      // All finalizers of a run share it; many of them are no leak.
      setMaxListeners(0, this.#controller.signal);
    }
    if (this.#aborted) this.#controller.abort();
    return this.#controller.signal;
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }
}
