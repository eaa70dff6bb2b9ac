/** Something with a place in a {@link Chain}, in one at most. */
export interface Linked<Entry> {
  previous: Entry | undefined;
  next: Entry | undefined;
}

/**
 * A set in the order in which things came, held together by themselves: whoever comes and goes leaves nothing for the garbage collector,
 * where a small Set makes a table of 150 bytes when it is made, and one more whenever it becomes empty.
 */
export class Chain<Entry extends Linked<Entry>> implements Iterable<Entry> {
  #first: Entry | undefined = undefined;
  #last: Entry | undefined = undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one that came first: from here `next` leads on, for whoever takes nobody out while it walks. */
  get first(): Entry | undefined {
    return this.#first;
  }

  has(entry: Entry): boolean {
    return entry.previous !== undefined || this.#first === entry;
  }

  /** The caller knows that it is in none. */
  add(entry: Entry): void {
    const last = this.#last;
    entry.previous = last;
    if (last === undefined) this.#first = entry;
    else last.next = entry;
    this.#last = entry;
    this.#size += 1;
  }

  /** Answers whether it was in it. */
  delete(entry: Entry): boolean {
    if (!this.has(entry)) return false;
    const { previous, next } = entry;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    // What is old and dead would keep the young alive until a full collection.
    entry.previous = undefined;
    entry.next = undefined;
    this.#size -= 1;
    return true;
  }

  /** First come first; a copy: callers may take out while they walk. */
  list(): Entry[] {
    const entries: Entry[] = [];
    for (let entry = this.#first; entry !== undefined; entry = entry.next) entries.push(entry);
    return entries;
  }

  /** As {@link list}, and whoever goes while it walks is left out. */
  *[Symbol.iterator](): IterableIterator<Entry> {
    for (const entry of this.list()) if (this.has(entry)) yield entry;
  }
}
