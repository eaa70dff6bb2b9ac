import type { Clock, Timer } from '../index.ts';

/** Whoever nobody has asked anything of for a while, longest first: one timer for all. */
export class RestingSessions<Session> {
  readonly #clock: Clock;
  readonly #idleMs: number | false;
  readonly #over: (session: Session) => void;
  /** Since when, in the order of that. */
  readonly #sinceMs = new Map<Session, number>();
  #timer: Timer | undefined = undefined;

  constructor(clock: Clock, idleMs: number | false, over: (session: Session) => void) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#over = over;
  }

  rest(session: Session): void {
    if (this.#idleMs === false) return;
    this.#sinceMs.delete(session);
    this.#sinceMs.set(session, this.#clock.now());
    this.#arm(this.#idleMs);
  }

  wake(session: Session): void {
    this.#sinceMs.delete(session);
    if (this.#sinceMs.size > 0 || this.#timer === undefined) return;
    this.#clock.clear(this.#timer);
    this.#timer = undefined;
  }

  #arm(idleMs: number): void {
    const [sinceMs] = this.#sinceMs.values();
    if (this.#timer !== undefined || sinceMs === undefined) return;
    const delayMs = Math.max(1, Math.ceil(sinceMs + idleMs - this.#clock.now()));
    this.#timer = this.#clock.setTimeout(() => this.#look(idleMs), delayMs);
  }

  #look(idleMs: number): void {
    this.#timer = undefined;
    const nowMs = this.#clock.now();
    for (const [session, sinceMs] of this.#sinceMs) {
      if (nowMs - sinceMs < idleMs) break;
      this.#sinceMs.delete(session);
      this.#over(session);
    }
    this.#arm(idleMs);
  }
}
