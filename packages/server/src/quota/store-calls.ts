import { Deadline } from '../deadline-queue.ts';
import { InvalidOptionsError } from '../errors.ts';
import type { Host } from '../host.ts';

/** The store did not answer in time, or not as it should. */
class StoreAwayError extends Error {}

/** Away for less than this, and never disconnected: nothing can have been forgotten. */
const BLINK_MS = 1000;

/** Somebody who asks what all nodes hold may wait for a page of ten thousand users; no admission waits for it. */
const QUESTION_TIMEOUT_MS = 5000;

/** How long a command may take, and whether it says of the store that it is away, or back. */
interface Bounds {
  readonly timeoutMs: number;
  readonly decides: boolean;
}

/** What the state of a store means to its node. */
interface Listener {
  away(cause: unknown): void;
  back(awayMs: number, mayHaveForgotten: boolean): void;
}

/** Every command to a store: bounded in time, and watched for whether it is there. The first success after a failure means that it is back. */
export class StoreCalls {
  readonly #host: Pick<Host, 'clock' | 'deadlines'>;
  readonly #timeoutMs: number;
  readonly #listener: Listener;
  #awaySinceMs: number | undefined = undefined;
  #mayHaveForgotten = false;
  #isOver = false;
  timeouts = 0;
  failures = 0;

  constructor(host: Pick<Host, 'clock' | 'deadlines'>, timeoutMs: number, listener: Listener) {
    this.#host = host;
    this.#timeoutMs = timeoutMs;
    this.#listener = listener;
  }

  /** Since the first failure; later ones do not move it. */
  get awaySinceMs(): number | undefined {
    return this.#awaySinceMs;
  }

  /** A command that admissions depend on. */
  call<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    return this.#bounded(work, { timeoutMs: this.#timeoutMs, decides: true });
  }

  /**
   * What is asked from outside, of the store alone: it may take longer, and decides nothing about who is admitted, whatever is asked.
   * @throws InvalidOptionsError (the promise rejects) as the store does.
   */
  question<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const timeoutMs = this.#awaySinceMs === undefined ? QUESTION_TIMEOUT_MS : this.#timeoutMs;
    return this.#bounded(work, { timeoutMs, decides: false });
  }

  #bounded<Answer>(work: () => Promise<Answer>, { timeoutMs, decides }: Bounds): Promise<Answer> {
    // Nothing would ring at its deadline any more.
    if (this.#isOver) return Promise.reject(new StoreAwayError('the factory is closed'));
    return new Promise((resolve, reject) => {
      const bound = new Bound(() => {
        // Timers come before the I/O of the same turn: an answer that has arrived is read first.
        this.#host.clock.setImmediate(() => {
          if (bound.isSettled) return;
          this.timeouts += 1;
          fail(new StoreAwayError(`the store did not answer within ${timeoutMs} ms`));
        });
      });
      const fail = (error: unknown): void => {
        if (bound.isSettled) return;
        bound.isSettled = true;
        this.#host.deadlines.cancel(bound);
        if (!decides && error instanceof InvalidOptionsError) {
          reject(error);
          return;
        }
        this.failures += 1;
        if (decides) this.#failed(error);
        reject(error instanceof StoreAwayError ? error : new StoreAwayError('the store refused', { cause: error }));
      };
      this.#host.deadlines.schedule(bound, timeoutMs, this.#host.clock.now());
      let answer: Promise<Answer>;
      try {
        answer = work();
      } catch (error) {
        fail(error);
        return;
      }
      answer.then((value) => {
        if (bound.isSettled) return;
        bound.isSettled = true;
        this.#host.deadlines.cancel(bound);
        if (decides && this.#awaySinceMs !== undefined) this.#succeeded(this.#awaySinceMs);
        resolve(value);
      }, fail);
    });
  }

  /** The factory is closed: whatever is asked from now on is refused at once. */
  end(): void {
    this.#isOver = true;
  }

  /** The connection was made anew: the store behind it may be another one. */
  reconnected(): void {
    this.#mayHaveForgotten = true;
  }

  #failed(error: unknown): void {
    if (!(error instanceof StoreAwayError)) this.#mayHaveForgotten = true;
    if (this.#awaySinceMs !== undefined) return;
    this.#awaySinceMs = this.#host.clock.now();
    this.#listener.away(error);
  }

  #succeeded(sinceMs: number): void {
    const awayMs = this.#host.clock.now() - sinceMs;
    const mayHaveForgotten = this.#mayHaveForgotten || awayMs >= BLINK_MS;
    this.#awaySinceMs = undefined;
    this.#mayHaveForgotten = false;
    this.#listener.back(awayMs, mayHaveForgotten);
  }
}

class Bound extends Deadline {
  readonly #ring: () => void;
  isSettled = false;

  constructor(ring: () => void) {
    super();
    this.#ring = ring;
  }

  override onDue(): void {
    this.#ring();
  }
}
