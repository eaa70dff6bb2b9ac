import type { Refusal } from '../refusals.ts';

/** Users whose refusal is remembered at once; beyond, the oldest is forgotten. */
const MAX_DENIALS = 10_000;

interface Denied {
  readonly refusal: Refusal;
  readonly untilMs: number;
  /** The session that was refused, or nothing. */
  readonly session: string;
}

/** Refusals of the store that hold for a moment, so that a client that comes again and again costs no round trip. */
export class Denials {
  readonly #cacheMs: number;
  readonly #denials = new Map<string, Denied>();

  /** With 0 nothing is remembered. */
  constructor(cacheMs: number) {
    this.#cacheMs = cacheMs;
  }

  /** What stands in the way of an attempt. One of another session may be let in all the same, in the place of a lease of its own. */
  get(user: string, session: string, nowMs: number): Refusal | undefined {
    if (this.#denials.size === 0) return undefined;
    const denial = this.#denials.get(user);
    if (denial === undefined) return undefined;
    if (nowMs < denial.untilMs) return session === '' || session === denial.session ? denial.refusal : undefined;
    this.#denials.delete(user);
    return undefined;
  }

  set(user: string, session: string, refusal: Refusal, nowMs: number): void {
    if (this.#cacheMs === 0) return;
    this.#denials.delete(user);
    this.#denials.set(user, { refusal, session, untilMs: nowMs + this.#cacheMs });
    if (this.#denials.size <= MAX_DENIALS) return;
    const [oldest] = this.#denials.keys();
    if (oldest !== undefined) this.#denials.delete(oldest);
  }

  forget(user: string): void {
    this.#denials.delete(user);
  }

  forgetAll(): void {
    this.#denials.clear();
  }
}
