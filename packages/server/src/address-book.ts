import { addressGroup } from './remote-address.ts';

interface Addressed {
  readonly remoteAddress: string | undefined;
}

/** Who holds a slot from which address; only where there is a limit by address. Counts are sizes. */
export class AddressBook<Entry extends Addressed> {
  readonly #groups = new Map<string, Set<Entry>>();

  /** Addresses that somebody holds a slot from. */
  get size(): number {
    return this.#groups.size;
  }

  heldFrom(remoteAddress: string, except: Entry | undefined): number {
    const entries = this.#groups.get(addressGroup(remoteAddress));
    if (entries === undefined) return 0;
    return except !== undefined && entries.has(except) ? entries.size - 1 : entries.size;
  }

  insert(entry: Entry): void {
    if (entry.remoteAddress === undefined) return;
    const group = addressGroup(entry.remoteAddress);
    const entries = this.#groups.get(group);
    if (entries === undefined) this.#groups.set(group, new Set([entry]));
    else entries.add(entry);
  }

  remove(entry: Entry): void {
    if (entry.remoteAddress === undefined) return;
    const group = addressGroup(entry.remoteAddress);
    const entries = this.#groups.get(group);
    if (entries?.delete(entry) === true && entries.size === 0) this.#groups.delete(group);
  }
}
