/** A place in a script as V8 counts it: lines and columns from 0. */
export interface ScriptLocation {
  readonly scriptId: number;
  readonly line: number;
  readonly column: number;
}

const FIELDS = 4;

/** Locations by node, as rows of node, script, line, column. */
export class LocationTable {
  readonly #rows: Uint32Array;
  #order: Uint32Array | undefined;

  constructor(rows: Uint32Array) {
    this.#rows = rows;
  }

  get count(): number {
    return this.#rows.length / FIELDS;
  }

  of(node: number): ScriptLocation | undefined {
    const order = this.#sorted();
    let low = 0;
    let high = order.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const row = (order[middle] as number) * FIELDS;
      const found = this.#rows[row] as number;
      if (found === node) {
        const [, scriptId = 0, line = 0, column = 0] = this.#rows.subarray(row, row + FIELDS);
        return { scriptId, line, column };
      }
      if (found < node) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  /** Sorted only when the first place is asked for: most snapshots are read to be counted. */
  #sorted(): Uint32Array {
    if (this.#order) return this.#order;
    const rows = this.#rows;
    const order = new Uint32Array(this.count).map((_, index) => index);
    order.sort((left, right) => (rows[left * FIELDS] as number) - (rows[right * FIELDS] as number));
    this.#order = order;
    return order;
  }
}
