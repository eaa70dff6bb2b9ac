import type { ReleaseReport } from './release-report.ts';

type ReleasePromise = Promise<ReleaseReport>;

/**
 * What `close()` and `destroy()` answer when there was nothing to let go of: a promise that is made when somebody waits for it.
 * Most callers drop it, and promise, report and id together cost as much as the release itself.
 */
export class LazyRelease implements ReleasePromise {
  readonly #manager: { readonly released: ReleasePromise };

  constructor(manager: { readonly released: ReleasePromise }) {
    this.#manager = manager;
  }

  get [Symbol.toStringTag](): string {
    return 'Promise';
  }

  then<Fulfilled = ReleaseReport, Rejected = never>(
    onFulfilled?: ((report: ReleaseReport) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((error: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#manager.released.then(onFulfilled, onRejected);
  }

  catch<Rejected = never>(
    onRejected?: ((error: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<ReleaseReport | Rejected> {
    return this.#manager.released.catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): ReleasePromise {
    return this.#manager.released.finally(onFinally);
  }
}
