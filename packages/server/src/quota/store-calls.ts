import { Deadline } from '../deadline-queue.ts';
import { InvalidOptionsError } from '../errors.ts';
import type { Host } from '../host.ts';
import { LateError } from './late-error.ts';
import { Outage } from './outage.ts';

/** The store did not answer in time, or not as it should. */
class StoreAwayError extends Error {}

const CLOSED = 'the factory is closed';

/** Somebody who asks what all nodes hold may wait for a page of ten thousand users; no admission waits for it. */
const QUESTION_TIMEOUT_MS = 5000;

/** How long a command may take, and whether it says of the store that it is away, or back. */
interface Bounds {
  readonly timeoutMs: number;
  readonly decides: boolean;
  /** Whether somebody waits to be let in. */
  readonly isAdmission?: boolean;
}

/** What the state of a store means to its node. */
interface Listener {
  away(cause: unknown): void;
  back(awayMs: number, mayHaveForgotten: boolean): void;
}

/**
 * Every command to a store: bounded in time, and watched for whether it is there. The first success after a failure means that it is back,
 * unless others go on failing; see `outage.ts`.
 */
export class StoreCalls {
  readonly #host: Pick<Host, 'clock' | 'deadlines'>;
  readonly #timeoutMs: number;
  readonly #listener: Listener;
  readonly #outage = new Outage();
  /** Ends each question that has not been answered. */
  readonly #questions = new Set<() => void>();
  #isOver = false;
  timeouts = 0;
  failures = 0;

  constructor(host: Pick<Host, 'clock' | 'deadlines'>, timeoutMs: number, listener: Listener) {
    this.#host = host;
    this.#timeoutMs = timeoutMs;
    this.#listener = listener;
  }

  /** Since the first failure, for as long as anything fails; later failures do not move it. */
  get awaySinceMs(): number | undefined {
    return this.#outage.sinceMs;
  }

  /** Nothing is to be asked for now but whether the store is back. */
  get isAway(): boolean {
    return this.#outage.isWhole(this.#host.clock.now());
  }

  /** A command that admissions depend on. */
  call<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    return this.#bounded(work, { timeoutMs: this.#timeoutMs, decides: true });
  }

  /** One that somebody waits for who is to be let in. */
  admission<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    return this.#bounded(work, { timeoutMs: this.#timeoutMs, decides: true, isAdmission: true });
  }

  /**
   * What is asked from outside, of the store alone: it may take longer, and decides nothing about who is admitted, whatever is asked.
   * @throws InvalidOptionsError (the promise rejects) as the store does.
   */
  question<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const timeoutMs = this.awaySinceMs === undefined ? QUESTION_TIMEOUT_MS : this.#timeoutMs;
    const answer = this.#bounded(work, { timeoutMs, decides: false });
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(new StoreAwayError(CLOSED));
      this.#questions.add(giveUp);
      answer.then(resolve, reject).finally(() => this.#questions.delete(giveUp));
    });
  }

  #bounded<Answer>(work: () => Promise<Answer>, { timeoutMs, decides, isAdmission = false }: Bounds): Promise<Answer> {
    // Nothing would ring at its deadline any more.
    if (this.#isOver) return Promise.reject(new StoreAwayError(CLOSED));
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
        // A client with a time-out of its own may come first.
        if (error instanceof LateError) this.timeouts += 1;
        if (decides) this.#failed(error, isAdmission);
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
        if (decides) this.#succeeded();
        resolve(value);
      }, fail);
    });
  }

  /** The factory is closed: whatever is asked from now on is refused at once, and so is what is not answered yet. */
  end(): void {
    this.#isOver = true;
    for (const giveUp of this.#questions) giveUp();
  }

  /** The connection was made anew: the store behind it may be another one. */
  reconnected(): void {
    this.#outage.mayHaveForgotten = true;
  }

  /** Whether everything that this node has is to be renewed now, to know whether the store is back. */
  wantsProof(): boolean {
    return this.#outage.wantsProof(this.#host.clock.now());
  }

  /** Everything that this node has was to be renewed; it was begun at `startedAtMs`. What failed of it has been heard of. */
  renewedAll(startedAtMs: number): void {
    const nowMs = this.#host.clock.now();
    const sinceMs = this.#outage.proved(startedAtMs);
    if (sinceMs !== undefined) this.#listener.back(nowMs - sinceMs, false);
  }

  #failed(error: unknown, isAdmission: boolean): void {
    const wasLate = error instanceof StoreAwayError || error instanceof LateError;
    if (this.#outage.failed(this.#host.clock.now(), { isAdmission, wasLate })) this.#listener.away(error);
  }

  #succeeded(): void {
    const back = this.#outage.succeeded(this.#host.clock.now());
    if (back !== undefined) this.#listener.back(back.awayMs, back.mayHaveForgotten);
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
