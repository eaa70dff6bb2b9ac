const MAX_PERIOD = 4;

/**
 * Paths from the root, each once: a node is the way to a group of objects that are reached alike. Columns of typed arrays and
 * one hash table over (parent, label, class), because a heap has millions of objects to be sorted into it.
 */
export class PathTrie {
  #parents = new Uint32Array(1_024);
  #labels = new Uint32Array(1_024);
  #classes = new Uint32Array(1_024);
  #table = new Uint32Array(4_096);
  #count = 1;

  /** Node 0 is the root. */
  get count(): number {
    return this.#count;
  }

  parent(node: number): number {
    return this.#parents[node] as number;
  }

  label(node: number): number {
    return this.#labels[node] as number;
  }

  classId(node: number): number {
    return this.#classes[node] as number;
  }

  /**
   * The node behind `parent` by this label and class. Steps that repeat the one to four steps before them lead back to those:
   * a linked list, a chain of promises, a tree is one group, however long it is.
   */
  child(parent: number, label: number, classId: number): number {
    let node = parent;
    for (let period = 1; period <= MAX_PERIOD && node !== 0; period += 1) {
      if (this.#labels[node] === label && this.#classes[node] === classId && this.#repeats(parent, node)) return node;
      node = this.#parents[node] as number;
    }
    return this.#find(parent, label, classId);
  }

  /** Whether the steps from behind `match` to `end` are the same as those before `match`. */
  #repeats(end: number, match: number): boolean {
    let [one, other] = [end, this.#parents[match] as number];
    for (; one !== match; one = this.#parents[one] as number, other = this.#parents[other] as number) {
      if (this.#labels[one] !== this.#labels[other] || this.#classes[one] !== this.#classes[other]) return false;
    }
    return true;
  }

  #find(parent: number, label: number, classId: number): number {
    const mask = this.#table.length - 1;
    let slot = hash(parent, label, classId) & mask;
    for (;;) {
      const found = this.#table[slot] as number;
      if (found === 0) return this.#add(slot, parent, label, classId);
      if (this.#parents[found] === parent && this.#labels[found] === label && this.#classes[found] === classId)
        return found;
      slot = (slot + 1) & mask;
    }
  }

  #add(slot: number, parent: number, label: number, classId: number): number {
    const node = this.#count;
    if (node === this.#parents.length) this.#grow();
    this.#parents[node] = parent;
    this.#labels[node] = label;
    this.#classes[node] = classId;
    this.#table[slot] = node;
    this.#count += 1;
    if (this.#count * 2 > this.#table.length) this.#rehash();
    return node;
  }

  #grow(): void {
    this.#parents = doubled(this.#parents);
    this.#labels = doubled(this.#labels);
    this.#classes = doubled(this.#classes);
  }

  #rehash(): void {
    const table = new Uint32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let node = 1; node < this.#count; node += 1) {
      let slot = hash(this.parent(node), this.label(node), this.classId(node)) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = node;
    }
    this.#table = table;
  }
}

function hash(parent: number, label: number, classId: number): number {
  let mixed = Math.imul(parent, 0x9e37_79b1) ^ Math.imul(label, 0x85eb_ca6b) ^ Math.imul(classId, 0xc2b2_ae35);
  mixed ^= mixed >>> 15;
  return Math.imul(mixed, 0x2c1b_3c6d) >>> 4;
}

function doubled(values: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(values.length * 2);
  more.set(values);
  return more;
}
