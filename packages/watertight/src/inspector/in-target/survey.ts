import type { Collections, Host, ListenerRow, Naming, Realms, Survey, TimerRow, Visitor } from './types.ts';

export interface Visitors {
  readonly collections: Visitor<Collections>;
  readonly listeners: Visitor<readonly ListenerRow[]>;
  readonly timers: Visitor<readonly TimerRow[]>;
  readonly promises: Visitor<number | null>;
}

/** One walk over all objects of each realm: counts them by class, and shows each to those that look closer. */
export function makeSurvey(
  { isProxy }: Host,
  naming: Naming,
  isOfGlobal: Realms['isOfGlobal'],
  { collections, listeners, timers, promises }: Visitors,
): (realms: readonly (readonly object[])[], withCollections: boolean) => Survey {
  const { getPrototypeOf } = Object;
  interface Row {
    readonly id: number;
    readonly name: string;
    count: number;
  }
  interface Counter {
    readonly row: Row;
    readonly visits: readonly ((object: object) => void)[];
  }

  return (realms, withCollections) => {
    let runningChildren = 0;
    const children: Pick<Visitor<void>, 'visitsTo'> = {
      visitsTo: (prototype) =>
        naming.lineageOf(prototype)[0] !== 'ChildProcess'
          ? undefined
          : (child) => {
              const isRunning = ['exitCode', 'signalCode'].every((key) => naming.ownValue(child, key) === null);
              if (isRunning && typeof naming.ownValue(child, 'pid') === 'number') runningChildren += 1;
            },
    };
    // Whoever looks into every emitter and every collection makes many small objects, which are sampled like the target's own.
    const visitors = [timers, children, promises, ...(withCollections ? [listeners, collections] : [])];
    for (const visitor of [listeners, timers, collections, promises]) visitor.begin();

    const rows = new Map<object, Row>();
    const counters = new Map<object, Counter | null>();
    const counterOf = (prototype: object): Counter | null => {
      if (isOfGlobal(prototype)) {
        counters.set(prototype, null);
        return null;
      }
      const classPrototype = naming.classPrototypeOf(prototype);
      const row = rows.get(classPrototype) ?? {
        id: naming.idOf(classPrototype),
        name: naming.nameOf(classPrototype),
        count: 0,
      };
      rows.set(classPrototype, row);
      const visits = visitors.map((visitor) => visitor.visitsTo(prototype)).filter((visit) => visit !== undefined);
      const counter = { row, visits };
      counters.set(prototype, counter);
      return counter;
    };
    for (let realm = 0; realm < realms.length; realm += 1) {
      const objects = realms[realm] ?? [];
      for (let index = 0; index < objects.length; index += 1) {
        const object = objects[index];
        if (object === undefined || isProxy(object)) continue;
        const prototype = getPrototypeOf(object) as object;
        const known = counters.get(prototype);
        const counter = known === undefined ? counterOf(prototype) : known;
        if (counter === null) continue;
        counter.row.count += 1;
        for (let visit = 0; visit < counter.visits.length; visit += 1) counter.visits[visit]?.(object);
      }
    }
    return {
      classes: [...rows.values()].map(({ id, name, count }) => [id, name, count] as const),
      collections: withCollections ? collections.end() : null,
      listeners: listeners.end(),
      timers: timers.end(),
      runningChildren,
      pendingPromises: promises.end(),
    };
  };
}
