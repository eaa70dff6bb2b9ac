/** The last so many of something. */
export class Ring<Item> {
  readonly #items: Item[] = [];
  readonly #size: number;
  /** Where the oldest is, once it is full. */
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  add(item: Item): void {
    if (this.#items.length < this.#size) {
      this.#items.push(item);
      return;
    }
    if (this.#size === 0) return;
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#size;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The newest first, at most so many of those that are wanted. */
  newest(count: number, isWanted: (item: Item) => boolean = () => true): readonly Item[] {
    const found: Item[] = [];
    for (let back = 1; back <= this.#items.length && found.length < count; back += 1) {
      const item = this.#items[(this.#next + this.#items.length - back) % this.#items.length];
      if (item !== undefined && isWanted(item)) found.push(item);
    }
    return found;
  }
}
