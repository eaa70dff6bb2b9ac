/** As long as this after its first pong whoever is one too many may still be told so: a name is looked up in the meantime. */
const ONE_TOO_MANY_MS = 1_000;
/** A server that was seen to say no so late may take longer the next time. */
const LATER_FACTOR = 2;
const LATER_MS = 50;

/** Close codes that say no, in the registry of RFC 6455; 4000–4999 are the server's own. */
const CODES_THAT_SAY_NO: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1011, 1012, 1013, 3000, 3003, 3008]);

/** Whether a close by this code, a moment after somebody was let in, is the answer to who it is. */
export function saysNo(closeCode: number): boolean {
  return CODES_THAT_SAY_NO.has(closeCode) || (closeCode >= 4000 && closeCode <= 4999);
}

/** One attempt of a user, from its request until it is known to be over. */
export interface Place {
  /** Its user has more connections than it is promised to have at most. */
  readonly isOneTooMany: boolean;
  /** Resolves when the attempt may be said to be admitted; `stayMs` after now at the earliest. */
  mayStay(stayMs: number): Promise<void>;
  /** It was told no so long after its first pong. */
  toldNo(afterMs: number): void;
  /** Refused, closed or given up. Idempotent. */
  leave(): void;
}

/**
 * Whose admission is not believed at once. Many servers let everybody in, look up who it is, and close then: a pong comes before
 * that. So whoever is above the limit of its user counts as admitted only once the others have left, or a second later; and where
 * a server was seen to say no late, everybody is given that long. A server that says no before it lets in costs no time.
 */
export class Doubts {
  readonly #limit: number | undefined;
  readonly #late: { ms: number };
  readonly #present = new Map<string, Set<() => boolean>>();
  readonly #waiting = new Map<string, Set<() => void>>();

  /** `limit`: connections that a user is promised to have at most; `undefined`: nobody said. */
  constructor(limit?: number, late: { ms: number } = { ms: 0 }) {
    this.#limit = limit;
    this.#late = late;
  }

  /** For another process of the same server: it counts by itself, and is as late. */
  forCopy(): Doubts {
    return new Doubts(this.#limit, this.#late);
  }

  enter(user: string, isOpen: () => boolean): Place {
    const present = this.#present.get(user) ?? new Set();
    this.#present.set(user, present.add(isOpen));
    const isGone = (): boolean => !present.has(isOpen);
    const isOneTooMany = (): boolean => this.#isOneTooMany(user);
    return {
      get isOneTooMany() {
        return isOneTooMany();
      },
      mayStay: async (stayMs) => await this.#mayStay(user, Math.max(stayMs, this.#late.ms), isGone),
      toldNo: (afterMs) => {
        this.#late.ms = Math.max(this.#late.ms, Math.min(ONE_TOO_MANY_MS, afterMs * LATER_FACTOR + LATER_MS));
      },
      leave: () => {
        present.delete(isOpen);
        if (present.size === 0 && this.#present.get(user) === present) this.#present.delete(user);
        for (const look of this.#waiting.get(user) ?? []) look();
      },
    };
  }

  async #mayStay(user: string, stayMs: number, isGone: () => boolean): Promise<void> {
    if (stayMs > 0) await this.#wait(user, stayMs, isGone);
    const isOver = (): boolean => isGone() || !this.#isOneTooMany(user);
    const leftMs = ONE_TOO_MANY_MS - stayMs;
    if (leftMs > 0 && !isOver()) await this.#wait(user, leftMs, isOver);
  }

  #isOneTooMany(user: string): boolean {
    if (this.#limit === undefined) return false;
    const open = [...(this.#present.get(user) ?? [])].filter((isOpen) => isOpen());
    return open.length > this.#limit;
  }

  /** Waits at most so long; whoever leaves may end it. */
  async #wait(user: string, ms: number, isOver: () => boolean): Promise<void> {
    const waiting = this.#waiting.get(user) ?? new Set();
    this.#waiting.set(user, waiting);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(look);
        resolve();
      };
      const look = (): void => {
        if (isOver()) done();
      };
      const timer = setTimeout(done, ms);
      waiting.add(look);
    });
    if (waiting.size === 0 && this.#waiting.get(user) === waiting) this.#waiting.delete(user);
  }
}
