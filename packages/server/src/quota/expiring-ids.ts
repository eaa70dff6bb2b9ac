/**
 * Ids that each expire at a time of their own. Nobody looks at all of them before the first can have expired: of many that are renewed again
 * and again, most looks find nothing.
 */
export class ExpiringIds {
  readonly #deadlines = new Map<string, number>();
  /** None expires before; some may since have been put off. */
  #earliestMs = Infinity;

  get size(): number {
    return this.#deadlines.size;
  }

  has(id: string): boolean {
    return this.#deadlines.has(id);
  }

  ids(): IterableIterator<string> {
    return this.#deadlines.keys();
  }

  /** When the first of them expires, `Infinity` where there is none. Looks at all. */
  firstExpiryMs(): number {
    return Math.min(Infinity, ...this.#deadlines.values());
  }

  set(id: string, deadlineMs: number): void {
    this.#deadlines.set(id, deadlineMs);
    this.#earliestMs = Math.min(this.#earliestMs, deadlineMs);
  }

  delete(id: string): void {
    this.#deadlines.delete(id);
  }

  /** Those whose time is over are gone. */
  dropExpired(nowMs: number): void {
    if (nowMs < this.#earliestMs) return;
    this.#earliestMs = Infinity;
    for (const [id, deadlineMs] of this.#deadlines) {
      if (deadlineMs <= nowMs) this.#deadlines.delete(id);
      else this.#earliestMs = Math.min(this.#earliestMs, deadlineMs);
    }
  }
}
