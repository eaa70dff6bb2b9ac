import type { AddressBook } from './address-book.ts';
import type { Census } from './census.ts';

/** What the registry has to know of a manager. */
export interface Registered {
  readonly user: string;
  readonly remoteAddress: string | undefined;
  /** Unique and rising within a factory. */
  readonly sequence: number;
  /** The map that holds it, so that it is let go of without looking its user up again. Kept by the registry alone. */
  slots: Map<number, Registered> | undefined;
}

/** The managers of one user: id → manager. */
export type Slots<Entry extends Registered> = Map<number, Entry>;

/**
 * One nested map user → id → manager, and a second one for those that are closing. Counts are sizes; nothing is counted beside them.
 * Every method is one synchronous stretch and calls nobody else's code.
 *
 *     held     'ada' → { 7: manager, 9: manager }      bounded by the limit
 *     closing  'ada' → { 4: manager }                  reported; above maxClosingPerUser it counts as held again
 */
export class Registry<Entry extends Registered> {
  readonly #held = new Map<string, Slots<Entry>>();
  readonly #closing = new Map<string, Slots<Entry>>();
  readonly #maxClosingOf: (user: string) => number;
  /** Only where there is a limit by address. */
  readonly addresses: AddressBook<Entry> | undefined;
  /** What snapshots tell, from the first one on. */
  census: Census | undefined = undefined;
  #size = 0;

  constructor(maxClosingOf: (user: string) => number, addresses: AddressBook<Entry> | undefined) {
    this.#maxClosingOf = maxClosingOf;
    this.addresses = addresses;
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

  /** The managers of a user, to be looked up once for {@link heldIn} and {@link insert} in one synchronous stretch. */
  slotsOf(user: string): Slots<Entry> | undefined {
    return this.#held.get(user);
  }

  /** What counts against the limit of a user. */
  heldBy(user: string): number {
    return this.heldIn(this.#held.get(user), user);
  }

  heldIn(slots: Slots<Entry> | undefined, user: string): number {
    return (slots?.size ?? 0) + this.#closingBeyondBound(user);
  }

  /** Adds a manager; the caller has just looked at {@link heldIn} in the same synchronous stretch. */
  insert(entry: Entry, known: Slots<Entry> | undefined = this.#held.get(entry.user)): void {
    const slots = known ?? new Map<number, Entry>();
    if (known === undefined) this.#held.set(entry.user, slots);
    slots.set(entry.sequence, entry);
    entry.slots = slots;
    this.#size += 1;
    if (this.addresses !== undefined) this.addresses.insert(entry);
  }

  /** Frees the slot for good: there is nothing to close. */
  remove(entry: Entry): void {
    const { slots } = entry;
    if (slots === undefined) return;
    entry.slots = undefined;
    slots.delete(entry.sequence);
    if (slots.size === 0) this.#held.delete(entry.user);
    this.#size -= 1;
    if (this.addresses !== undefined) this.addresses.remove(entry);
  }

  /** Managers held from a remote address, but for one. 0 where nobody counts them. */
  heldFrom(remoteAddress: string, except: Entry | undefined): number {
    return this.addresses?.heldFrom(remoteAddress, except) ?? 0;
  }

  /** Whether a manager of this user can begin to close without counting as held again. */
  hasRoomToClose(user: string): boolean {
    return (this.#closing.get(user)?.size ?? 0) < this.#maxClosingOf(user);
  }

  /** Frees the slot and keeps the manager among the closing ones. Answers whether the slot can be taken at once. */
  beginClosing(entry: Entry): boolean {
    this.remove(entry);
    let entries = this.#closing.get(entry.user);
    if (entries === undefined) {
      entries = new Map();
      this.#closing.set(entry.user, entries);
    }
    entries.set(entry.sequence, entry);
    if (this.census !== undefined) this.census.closing += 1;
    return this.#closingBeyondBound(entry.user) === 0;
  }

  /** A closing manager is closed. */
  endClosing(entry: Entry): void {
    const entries = this.#closing.get(entry.user);
    if (entries?.delete(entry.sequence) !== true) return;
    if (this.census !== undefined) this.census.closing -= 1;
    if (entries.size === 0) this.#closing.delete(entry.user);
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

  /** The users who hold most, at most so many, largest first. One pass over the users, and not over their managers. */
  largest(most: number): readonly string[] {
    const found: { readonly user: string; readonly held: number }[] = [];
    if (most === 0) return [];
    const take = (user: string, held: number): void => {
      if (found.length === most && held <= (found.at(-1)?.held ?? 0)) return;
      const place = found.findIndex((other) => other.held < held);
      found.splice(place === -1 ? found.length : place, 0, { user, held });
      if (found.length > most) found.pop();
    };
    // Nearly always nobody is closing more than the bound; looking each user up would cost more than all the rest.
    const isPlain = this.#closing.size === 0;
    for (const [user, { size }] of this.#held) take(user, isPlain ? size : this.heldBy(user));
    for (const user of this.#closing.keys()) if (!this.#held.has(user)) take(user, this.heldBy(user));
    return found.map(({ user }) => user);
  }

  #closingBeyondBound(user: string): number {
    if (this.#closing.size === 0) return 0;
    const closing = this.#closing.get(user);
    return closing === undefined ? 0 : Math.max(0, closing.size - this.#maxClosingOf(user));
  }
}
