import type { AddressBook } from './address-book.ts';
import type { Census } from './census.ts';
import { Chain, type Linked } from './chain.ts';

/** What the registry has to know of a manager. */
export interface Registered<Entry extends Registered<Entry>> extends Linked<Entry> {
  readonly user: string;
  readonly remoteAddress: string | undefined;
  /** Where it holds a slot, so that it is let go of without looking its user up again. Kept by the registry alone. */
  slots: UserSlots<Entry> | undefined;
}

/** The managers of one user: those that hold a slot, oldest first, and those that are closing. */
export class UserSlots<Entry extends Registered<Entry>> extends Chain<Entry> {
  readonly user: string;
  closing: Chain<Entry> | undefined = undefined;

  constructor(user: string) {
    super();
    this.user = user;
  }

  get closingCount(): number {
    return this.closing === undefined ? 0 : this.closing.size;
  }
}

/**
 * One map user → managers, those that are closing beside those that hold a slot. Counts are sizes; nothing is counted beside them.
 * Every method is one synchronous stretch and calls nobody else's code.
 *
 *     'ada' → held     manager ⇄ manager      bounded by the limit
 *             closing  manager                reported; above maxClosingPerUser it counts as held again
 */
export class Registry<Entry extends Registered<Entry>> {
  readonly #users = new Map<string, UserSlots<Entry>>();
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
    return this.#users.size;
  }

  /** The managers of a user, to be looked up once for {@link heldIn} and {@link insert} in one synchronous stretch. */
  slotsOf(user: string): UserSlots<Entry> | undefined {
    return this.#users.get(user);
  }

  /** What counts against the limit of a user. */
  heldBy(user: string): number {
    return this.heldIn(this.#users.get(user));
  }

  heldIn(slots: UserSlots<Entry> | undefined): number {
    return slots === undefined ? 0 : slots.size + this.#closingBeyondBound(slots);
  }

  /** Adds a manager; the caller has just looked at {@link heldIn} in the same synchronous stretch. */
  insert(entry: Entry, known: UserSlots<Entry> | undefined = this.#users.get(entry.user)): void {
    const slots = known ?? new UserSlots<Entry>(entry.user);
    if (known === undefined) this.#users.set(entry.user, slots);
    slots.add(entry);
    entry.slots = slots;
    this.#size += 1;
    if (this.addresses !== undefined) this.addresses.insert(entry);
  }

  /** Frees the slot for good: there is nothing to close. */
  remove(entry: Entry): void {
    const { slots } = entry;
    if (slots === undefined) return;
    this.#free(entry, slots);
    this.#forget(slots);
  }

  /** Managers held from a remote address, but for one. 0 where nobody counts them. */
  heldFrom(remoteAddress: string, except: Entry | undefined): number {
    return this.addresses?.heldFrom(remoteAddress, except) ?? 0;
  }

  /** Whether a manager of this user can begin to close without counting as held again. */
  hasRoomToClose(user: string): boolean {
    return (this.#users.get(user)?.closingCount ?? 0) < this.#maxClosingOf(user);
  }

  /** Frees the slot and keeps the manager among the closing ones. Answers whether the slot can be taken at once. */
  beginClosing(entry: Entry): boolean {
    const { slots } = entry;
    if (slots === undefined) return true;
    this.#free(entry, slots);
    slots.closing ??= new Chain();
    slots.closing.add(entry);
    if (this.census !== undefined) this.census.closing += 1;
    return this.#closingBeyondBound(slots) === 0;
  }

  /** A closing manager is closed. */
  endClosing(entry: Entry): void {
    const slots = this.#users.get(entry.user);
    if (slots?.closing?.delete(entry) !== true) return;
    if (this.census !== undefined) this.census.closing -= 1;
    this.#forget(slots);
  }

  /** The managers of one user that hold a slot, oldest first. A copy: callers may end them while they walk. */
  of(user: string): readonly Entry[] {
    return this.#users.get(user)?.list() ?? [];
  }

  closingOf(user: string): readonly Entry[] {
    return this.#users.get(user)?.closing?.list() ?? [];
  }

  *held(): IterableIterator<Entry> {
    // Whoever goes while it is walked is left out.
    for (const slots of this.#users.values())
      for (const entry of slots.list()) if (entry.slots !== undefined) yield entry;
  }

  *closing(): IterableIterator<Entry> {
    for (const { closing } of this.#users.values()) if (closing !== undefined) yield* closing;
  }

  /** Users with at least one manager that is not closed. */
  users(): IterableIterator<string> {
    return this.#users.keys();
  }

  /** The users who hold most, at most so many, largest first. One pass over the users, and not over their managers. */
  largest(most: number): readonly string[] {
    const found: { readonly user: string; readonly held: number }[] = [];
    if (most === 0) return [];
    for (const [user, slots] of this.#users) {
      const held = this.heldIn(slots);
      if (found.length === most && held <= (found.at(-1)?.held ?? 0)) continue;
      const place = found.findIndex((other) => other.held < held);
      found.splice(place === -1 ? found.length : place, 0, { user, held });
      if (found.length > most) found.pop();
    }
    return found.map(({ user }) => user);
  }

  #free(entry: Entry, slots: UserSlots<Entry>): void {
    entry.slots = undefined;
    slots.delete(entry);
    this.#size -= 1;
    if (this.addresses !== undefined) this.addresses.remove(entry);
  }

  #forget(slots: UserSlots<Entry>): void {
    if (slots.size + slots.closingCount === 0) this.#users.delete(slots.user);
  }

  #closingBeyondBound(slots: UserSlots<Entry>): number {
    const { closingCount } = slots;
    return closingCount === 0 ? 0 : Math.max(0, closingCount - this.#maxClosingOf(slots.user));
  }
}
