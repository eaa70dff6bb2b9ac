import { type Refusal, refuse } from './refusals.ts';

/** Why nobody is admitted at present. One look at {@link isShut} decides for most admissions. */
export class Gate {
  isShut = false;
  #state: 'open' | 'draining' | 'closed' = 'open';
  #retryAfterMs: number | undefined = undefined;

  get state(): 'open' | 'draining' | 'closed' {
    return this.#state;
  }

  /** Shut while the process is overloaded, and open again after it. */
  overload(isOverloaded: boolean): void {
    this.isShut = isOverloaded || this.#state !== 'open';
  }

  /** Shuts for good; whoever comes is told to come back, elsewhere, after `retryAfterMs` (default: as the table of refusals says). */
  drain(retryAfterMs?: number): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#retryAfterMs = retryAfterMs;
    this.isShut = true;
  }

  close(): void {
    this.#state = 'closed';
    this.isShut = true;
  }

  refuse(): Refusal {
    if (this.#state === 'open') return refuse('overloaded');
    const told = this.#retryAfterMs === undefined ? {} : { retryAfterMs: this.#retryAfterMs };
    return refuse(this.#state === 'closed' ? 'factory-closed' : 'draining', told);
  }
}
