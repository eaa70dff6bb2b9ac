/** What is counted of a manager. */
export interface Counted {
  readonly createdAtMs: number;
  /** Since when it has had no connection, in whole milliseconds: its making, or the end of its last one. */
  readonly withoutConnectionSinceMs: number;
  readonly state: string;
  readonly connectionCount: number;
  readonly openCount: number;
}

/**
 * What a snapshot tells of all managers together, kept as they change, so that a look at a hundred thousand of them holds the loop for
 * no pass over all. It begins with a pass, when somebody looks for the first time; before that nothing is kept, and nothing is paid.
 */
export class Census {
  pending = 0;
  closing = 0;
  /** Open ones, of managers that hold a slot and of those that are closing. */
  connections = 0;
  /** Managers that hold a slot and have no connection. */
  withoutConnection = 0;
  /** How many by the time they were made at, oldest first: time does not go back, and a time that has gone never comes again. */
  readonly #held = new Map<number, number>();
  /** Of those without a connection, how many by the time since when; in no order, as a socket may be gone long after its end. */
  readonly #without = new Map<number, number>();

  /** Counts everything once. */
  static of(managers: { readonly size: number; held(): Iterable<Counted>; closing(): Iterable<Counted> }): Census {
    const census = new Census();
    const times = new Float64Array(managers.size);
    const timesWithout = new Float64Array(managers.size);
    let held = 0;
    for (const { connectionCount, createdAtMs, state, withoutConnectionSinceMs } of managers.held()) {
      times[held] = createdAtMs;
      held += 1;
      if (state === 'pending') census.pending += 1;
      census.connections += connectionCount;
      if (connectionCount > 0) continue;
      timesWithout[census.withoutConnection] = withoutConnectionSinceMs;
      census.withoutConnection += 1;
    }
    // Sorted as numbers, and then one look into the map for each time: a tenth of what a look for each manager takes.
    for (const [createdAtMs, count] of runsOf(times)) census.#held.set(createdAtMs, count);
    for (const [sinceMs, count] of runsOf(timesWithout.subarray(0, census.withoutConnection)))
      census.#without.set(sinceMs, count);
    for (const manager of managers.closing()) {
      census.closing += 1;
      census.connections += manager.openCount;
    }
    return census;
  }

  get oldestMs(): number | undefined {
    return this.#held.keys().next().value;
  }

  /** Since when the one has been without a connection that has been so longest. */
  get longestWithoutConnectionMs(): number | undefined {
    let earliestMs: number | undefined;
    for (const sinceMs of this.#without.keys())
      if (earliestMs === undefined || sinceMs < earliestMs) earliestMs = sinceMs;
    return earliestMs;
  }

  /** A manager holds a slot; it is pending, and has no connection yet. */
  entered({ createdAtMs, withoutConnectionSinceMs }: Counted): void {
    this.pending += 1;
    addTo(this.#held, createdAtMs, 1);
    this.#isWithout(withoutConnectionSinceMs, 1);
  }

  /** It no longer holds one. Of its connections some are open, and are until they are gone or it is closed. */
  left({ connectionCount, createdAtMs, openCount, withoutConnectionSinceMs }: Counted): void {
    this.connections -= connectionCount - openCount;
    addTo(this.#held, createdAtMs, -1);
    if (connectionCount === 0) this.#isWithout(withoutConnectionSinceMs, -1);
  }

  /** A manager that holds a slot has one more, beside `before` others. */
  attached({ withoutConnectionSinceMs }: Counted, before: number): void {
    this.connections += 1;
    if (before === 0) this.#isWithout(withoutConnectionSinceMs, -1);
  }

  /** A manager that holds a slot has one less, and `left` others. */
  detached({ withoutConnectionSinceMs }: Counted, left: number): void {
    this.connections -= 1;
    if (left === 0) this.#isWithout(withoutConnectionSinceMs, 1);
  }

  #isWithout(sinceMs: number, by: 1 | -1): void {
    this.withoutConnection += by;
    addTo(this.#without, sinceMs, by);
  }
}

function addTo(counts: Map<number, number>, atMs: number, by: 1 | -1): void {
  const after = (counts.get(atMs) ?? 0) + by;
  if (after === 0) counts.delete(atMs);
  else counts.set(atMs, after);
}

/** Each number that is there, in ascending order, and how often. */
function* runsOf(numbers: Float64Array): Iterable<[value: number, count: number]> {
  numbers.sort();
  for (let from = 0, to = 0; from < numbers.length; from = to) {
    const value = numbers[from] ?? 0;
    while (numbers[to] === value) to += 1;
    yield [value, to - from];
  }
}
