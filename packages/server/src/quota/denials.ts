import type { Refusal } from '../refusals.ts';

/** Users whose refusal is remembered at once; beyond, the oldest is forgotten. */
const MAX_DENIALS = 10_000;

/** Refusals of the store that hold for a moment, so that a client that comes again and again costs no round trip. */
export class Denials {
  readonly #cacheMs: number;
  readonly #denials = new Map<string, { readonly refusal: Refusal; readonly untilMs: number }>();

  /** With 0 nothing is remembered. */
  constructor(cacheMs: number) {
    this.#cacheMs = cacheMs;
  }

  get(user: string, nowMs: number): Refusal | undefined {
    if (this.#denials.size === 0) return undefined;
    const denial = this.#denials.get(user);
    if (denial === undefined) return undefined;
    if (nowMs < denial.untilMs) return denial.refusal;
    this.#denials.delete(user);
    return undefined;
  }

  set(user: string, refusal: Refusal, nowMs: number): void {
    if (this.#cacheMs === 0) return;
    this.#denials.delete(user);
    this.#denials.set(user, { refusal, untilMs: nowMs + this.#cacheMs });
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
