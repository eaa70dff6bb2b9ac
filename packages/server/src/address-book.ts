import { addressGroup } from './remote-address.ts';

interface Addressed {
  readonly remoteAddress: string | undefined;
}

/** Who holds a slot from which address; only where there is a limit by address. Counts are sizes. */
export class AddressBook<Entry extends Addressed> {
  /** Most addresses have one, and a Set would cost more than the manager. */
  readonly #groups = new Map<string, Entry | Set<Entry>>();

  /** Addresses that somebody holds a slot from. */
  get size(): number {
    return this.#groups.size;
  }

  heldFrom(remoteAddress: string, except: Entry | undefined): number {
    const held = this.#groups.get(addressGroup(remoteAddress));
    if (held === undefined || held === except) return 0;
    if (!(held instanceof Set)) return 1;
    return except !== undefined && held.has(except) ? held.size - 1 : held.size;
  }

  insert(entry: Entry): void {
    if (entry.remoteAddress === undefined) return;
    const group = addressGroup(entry.remoteAddress);
    const held = this.#groups.get(group);
    if (held === undefined) this.#groups.set(group, entry);
    else if (held instanceof Set) held.add(entry);
    else this.#groups.set(group, new Set([held, entry]));
  }

  remove(entry: Entry): void {
    if (entry.remoteAddress === undefined) return;
    const group = addressGroup(entry.remoteAddress);
    const held = this.#groups.get(group);
    if (held instanceof Set ? held.delete(entry) && held.size === 0 : held === entry) this.#groups.delete(group);
  }
}
