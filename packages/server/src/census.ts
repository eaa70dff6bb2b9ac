/** What is counted of a manager. */
export interface Counted {
  readonly createdAtMs: number;
  readonly state: string;
  readonly connectionCount: number;
  readonly openCount: number;
}

/** The managers that were made in the same millisecond. */
interface Cohort {
  held: number;
  withoutConnection: number;
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
  /** By the time they were made at, oldest first: time does not go back, and a cohort that has gone never comes again. */
  readonly #cohorts = new Map<number, Cohort>();

  /** Counts everything once. */
  static of(managers: { readonly size: number; held(): Iterable<Counted>; closing(): Iterable<Counted> }): Census {
    const census = new Census();
    const times = new Float64Array(managers.size);
    const timesWithout = new Float64Array(managers.size);
    let held = 0;
    for (const { connectionCount, createdAtMs, state } of managers.held()) {
      times[held] = createdAtMs;
      held += 1;
      if (state === 'pending') census.pending += 1;
      census.connections += connectionCount;
      if (connectionCount > 0) continue;
      timesWithout[census.withoutConnection] = createdAtMs;
      census.withoutConnection += 1;
    }
    // Sorted as numbers, and then one look into the map for each time: a tenth of what a look for each manager takes.
    for (const [createdAtMs, count] of runsOf(times)) census.#cohortOf(createdAtMs).held = count;
    for (const [createdAtMs, count] of runsOf(timesWithout.subarray(0, census.withoutConnection)))
      census.#cohortOf(createdAtMs).withoutConnection = count;
    for (const manager of managers.closing()) {
      census.closing += 1;
      census.connections += manager.openCount;
    }
    return census;
  }

  get oldestMs(): number | undefined {
    return this.#cohorts.keys().next().value;
  }

  get oldestWithoutConnectionMs(): number | undefined {
    if (this.withoutConnection > 0)
      for (const [createdAtMs, { withoutConnection }] of this.#cohorts) if (withoutConnection > 0) return createdAtMs;
    return undefined;
  }

  /** A manager holds a slot; it is pending, and has no connection yet. */
  entered(createdAtMs: number): void {
    this.pending += 1;
    this.withoutConnection += 1;
    const cohort = this.#cohortOf(createdAtMs);
    cohort.held += 1;
    cohort.withoutConnection += 1;
  }

  /** It no longer holds one. Of its connections `openCount` are open, and are until they are gone or it is closed. */
  left(createdAtMs: number, connectionCount: number, openCount: number): void {
    this.connections -= connectionCount - openCount;
    const cohort = this.#cohortOf(createdAtMs);
    if (connectionCount === 0) {
      this.withoutConnection -= 1;
      cohort.withoutConnection -= 1;
    }
    cohort.held -= 1;
    if (cohort.held === 0) this.#cohorts.delete(createdAtMs);
  }

  /** A manager that holds a slot has one more, beside `before` others. */
  attached(createdAtMs: number, before: number): void {
    this.connections += 1;
    if (before > 0) return;
    this.withoutConnection -= 1;
    this.#cohortOf(createdAtMs).withoutConnection -= 1;
  }

  /** A manager that holds a slot has one less, and `left` others. */
  detached(createdAtMs: number, left: number): void {
    this.connections -= 1;
    if (left > 0) return;
    this.withoutConnection += 1;
    this.#cohortOf(createdAtMs).withoutConnection += 1;
  }

  #cohortOf(createdAtMs: number): Cohort {
    const known = this.#cohorts.get(createdAtMs);
    if (known !== undefined) return known;
    const cohort: Cohort = { held: 0, withoutConnection: 0 };
    this.#cohorts.set(createdAtMs, cohort);
    return cohort;
  }
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
