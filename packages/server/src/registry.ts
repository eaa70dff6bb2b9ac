/** What the registry has to know of a manager. */
export interface Registered {
  readonly user: string;
  /** Unique and rising within a factory. */
  readonly sequence: number;
}

/**
 * One nested map user → id → manager, and a second one for those that are closing. Counts are sizes; nothing is counted beside them.
 * Every method is one synchronous stretch and calls nobody else's code.
 *
 *     held     'ada' → { 7: manager, 9: manager }      bounded by the limit
 *     closing  'ada' → { 4: manager }                  reported; above maxClosingPerUser it counts as held again
 */
export class Registry<Entry extends Registered> {
  readonly #held = new Map<string, Map<number, Entry>>();
  readonly #closing = new Map<string, Map<number, Entry>>();
  readonly #maxClosingPerUser: number;
  #size = 0;

  constructor(maxClosingPerUser: number) {
    this.#maxClosingPerUser = maxClosingPerUser;
  }

  /** Managers that hold a slot, of all users. */
  get size(): number {
    return this.#size;
  }

  /** Users with at least one manager that is not closed. */
  get userCount(): number {
    let count = this.#held.size;
    for (const user of this.#closing.keys()) if (!this.#held.has(user)) count += 1;
    return count;
  }

  /** What counts against the limit of a user. */
  heldBy(user: string): number {
    return (this.#held.get(user)?.size ?? 0) + this.#closingBeyondBound(user);
  }

  /** Adds a manager; the caller has just looked at {@link heldBy} in the same synchronous stretch. */
  insert(entry: Entry): void {
    const entries = this.#held.get(entry.user);
    if (entries === undefined) this.#held.set(entry.user, new Map([[entry.sequence, entry]]));
    else entries.set(entry.sequence, entry);
    this.#size += 1;
  }

  /** Frees the slot for good: there is nothing to close. */
  remove(entry: Entry): void {
    if (take(this.#held, entry)) this.#size -= 1;
  }

  /** Frees the slot and keeps the manager among the closing ones. Answers whether the slot can be taken at once. */
  beginClosing(entry: Entry): boolean {
    this.remove(entry);
    const entries = this.#closing.get(entry.user);
    if (entries === undefined) this.#closing.set(entry.user, new Map([[entry.sequence, entry]]));
    else entries.set(entry.sequence, entry);
    return this.#closingBeyondBound(entry.user) === 0;
  }

  /** A closing manager is closed. */
  endClosing(entry: Entry): void {
    take(this.#closing, entry);
  }

  /** The managers of one user that hold a slot, oldest first. A copy: callers may end them while they walk. */
  of(user: string): readonly Entry[] {
    return [...(this.#held.get(user)?.values() ?? [])];
  }

  closingOf(user: string): readonly Entry[] {
    return [...(this.#closing.get(user)?.values() ?? [])];
  }

  *held(): IterableIterator<Entry> {
    for (const entries of this.#held.values()) yield* entries.values();
  }

  *closing(): IterableIterator<Entry> {
    for (const entries of this.#closing.values()) yield* entries.values();
  }

  /** Users with at least one manager that is not closed. */
  *users(): IterableIterator<string> {
    yield* this.#held.keys();
    for (const user of this.#closing.keys()) if (!this.#held.has(user)) yield user;
  }

  #closingBeyondBound(user: string): number {
    if (this.#closing.size === 0) return 0;
    return Math.max(0, (this.#closing.get(user)?.size ?? 0) - this.#maxClosingPerUser);
  }
}

function take<Entry extends Registered>(from: Map<string, Map<number, Entry>>, entry: Entry): boolean {
  const entries = from.get(entry.user);
  if (entries === undefined || !entries.delete(entry.sequence)) return false;
  if (entries.size === 0) from.delete(entry.user);
  return true;
}
