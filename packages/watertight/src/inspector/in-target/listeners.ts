import type { History, Host, ListenerRow, Naming, Visitor } from './types.ts';

/** Listeners by emitter and event: those that have become more since they were first seen, and those that are many. */
export function makeListeners({ isProxy }: Host, naming: Naming, history: History): Visitor<readonly ListenerRow[]> {
  const MIN_LISTENERS = 2;
  const MAX_ROWS = 500;
  const { ownKeys, apply } = Reflect;
  const { getPrototypeOf, getOwnPropertySymbols, getOwnPropertyDescriptor } = Object;
  const { isArray } = Array;
  const mapEntries = getOwnPropertyDescriptor(Map.prototype, 'entries')?.value as () => IterableIterator<
    [unknown, unknown]
  >;
  let rows: ListenerRow[] = [];

  const note = (owner: object, event: PropertyKey, count: number): void => {
    if (count < MIN_LISTENERS) return;
    const name = typeof event === 'symbol' ? (event.description ?? '') : String(event);
    const grown = history.note(owner, `on ${name}`, count);
    if (grown === undefined || grown === 'new') return;
    rows.push({ id: grown.id, emitter: naming.kindOf(owner), event: name, counts: grown.sizes });
  };

  const isOpen = (value: unknown): value is object => typeof value === 'object' && value !== null && !isProxy(value);

  const visitEmitter = (emitter: object): void => {
    const events = naming.ownValue(emitter, '_events');
    if (!isOpen(events)) return;
    for (const event of ownKeys(events)) {
      const listeners = naming.ownValue(events, event);
      if (isArray(listeners) && !isProxy(listeners)) note(emitter, event, listeners.length);
    }
  };

  /** Node keeps them in a Map of lists with a size, under a symbol. */
  const visitEventTarget = (target: object): void => {
    for (const symbol of getOwnPropertySymbols(target)) {
      if (symbol.description !== 'kEvents') continue;
      const events = naming.ownValue(target, symbol);
      if (!isOpen(events) || getPrototypeOf(events) === null) continue;
      try {
        for (const [event, list] of apply(mapEntries, events, []) as Iterable<[unknown, unknown]>) {
          const size = isOpen(list) ? naming.ownValue(list, 'size') : undefined;
          if (typeof size === 'number') note(target, String(event), size);
        }
      } catch {
        // Not the Map that was expected.
      }
    }
  };

  return {
    begin: () => {
      rows = [];
    },
    visitsTo: (prototype) => {
      const lineage = naming.lineageOf(prototype);
      if (lineage.includes('EventEmitter')) return visitEmitter;
      return lineage.includes('EventTarget') ? visitEventTarget : undefined;
    },
    end: () => rows.toSorted((one, two) => (two.counts.at(-1) ?? 0) - (one.counts.at(-1) ?? 0)).slice(0, MAX_ROWS),
  };
}
