/** A place in a script as V8 counts it: lines and columns from 0. */
export interface ScriptLocation {
  readonly scriptId: number;
  readonly line: number;
  readonly column: number;
}

/** Node, script, line, column. */
export const LOCATION_COLUMNS = 4;

/** Locations by node, as rows of node, script, line, column. */
export class LocationTable {
  readonly #rows: Uint32Array;
  #order: Uint32Array | undefined;

  constructor(rows: Uint32Array) {
    this.#rows = rows;
  }

  get count(): number {
    return this.#rows.length / LOCATION_COLUMNS;
  }

  /** The nodes that are written in one script, in the order of the snapshot. */
  *nodesOfScript(scriptId: number): Generator<number> {
    for (let row = 0; row < this.#rows.length; row += LOCATION_COLUMNS)
      if (this.#rows[row + 1] === scriptId) yield this.#rows[row] as number;
  }

  of(node: number): ScriptLocation | undefined {
    const order = this.#sorted();
    let low = 0;
    let high = order.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const row = (order[middle] as number) * LOCATION_COLUMNS;
      const found = this.#rows[row] as number;
      if (found === node) {
        const [, scriptId = 0, line = 0, column = 0] = this.#rows.subarray(row, row + LOCATION_COLUMNS);
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
    const count = this.count;
    // Node and row in one number: numbers are sorted without asking anybody.
    const keys = new Float64Array(count);
    for (let row = 0; row < count; row += 1) keys[row] = (this.#rows[row * LOCATION_COLUMNS] as number) * count + row;
    keys.sort();
    const order = Uint32Array.from(keys, (key) => key % count);
    this.#order = order;
    return order;
  }
}
