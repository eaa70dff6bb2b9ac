import type { CollectionRow, Collections, History, Host, Naming, Visitor } from './types.ts';

/** Sizes of Map, Set, Array and of plain objects with many keys: those that have grown since they were first seen. */
export function makeCollections({ isProxy }: Host, naming: Naming, history: History): Visitor<Collections> {
  /** Smaller ones are not followed: most objects have an array or two. */
  const MIN_ENTRIES = 4;
  /** A record may have a dozen properties; what has more is a dictionary. */
  const MIN_KEYS = 16;
  const MAX_ROWS = 200;
  const MAX_ENTRIES_PASSED = 1_000_000;
  /** Dictionaries without a prototype are found through their owners, as far as those are few. */
  const MAX_OWNERS_OF_CLASS = 10;
  const NEWEST = 3;
  type Kind = CollectionRow['kind'];
  interface Came {
    readonly object: object;
    readonly size: number;
  }
  interface Seen {
    readonly object: object;
    readonly kind: Kind;
    readonly id: number;
    readonly sizes: readonly number[];
    readonly grewBy: number;
  }

  const { apply, ownKeys } = Reflect;
  const { keys, getPrototypeOf, getOwnPropertyDescriptor } = Object;
  const { isArray } = Array;
  type SizeGetter = (this: unknown) => number;
  const sizeGetter = (prototype: object): SizeGetter =>
    (getOwnPropertyDescriptor(prototype, 'size') as unknown as { readonly get: SizeGetter }).get;
  const mapSize = sizeGetter(Map.prototype);
  const setSize = sizeGetter(Set.prototype);
  const mapValues = getOwnPropertyDescriptor(Map.prototype, 'values')?.value as () => IterableIterator<unknown>;
  const setValues = getOwnPropertyDescriptor(Set.prototype, 'values')?.value as () => IterableIterator<unknown>;

  let seen: Seen[] = [];
  /** The largest that came since the look before, by kind; and the one that was it at that look, without keeping it alive. */
  let came = new Map<Kind, Came>();
  let stayed = new Map<Kind, Came>();
  const known = new Map<Kind, { readonly is: WeakRef<object>; readonly size: number }>();

  const note = (object: object, kind: Kind, size: number): void => {
    const grown = history.note(object, kind, size);
    if (grown === 'new') {
      if (size > (came.get(kind)?.size ?? 0)) came.set(kind, { object, size });
      return;
    }
    if (grown === undefined) {
      const last = known.get(kind);
      if (last?.size === size && last.is.deref() === object) stayed.set(kind, { object, size });
      return;
    }
    let earliest = 0;
    for (let index = 0; earliest === 0 && index < grown.sizes.length; index += 1) earliest = grown.sizes[index] ?? 0;
    seen.push({ object, kind, id: grown.id, sizes: grown.sizes, grewBy: size - earliest });
  };

  /** What only looks like a Map because of its prototype has no size. */
  const sizeOf = (getter: SizeGetter, object: object): number => {
    try {
      return apply<unknown, [], number>(getter, object, []);
    } catch {
      return 0;
    }
  };

  const visitMap = (object: object): void => {
    const size = sizeOf(mapSize, object);
    if (size >= MIN_ENTRIES) note(object, 'Map', size);
  };
  const visitSet = (object: object): void => {
    const size = sizeOf(setSize, object);
    if (size >= MIN_ENTRIES) note(object, 'Set', size);
  };
  const visitArray = (object: object): void => {
    if (isArray(object) && object.length >= MIN_ENTRIES) note(object, 'Array', object.length);
  };
  const visitDictionary = (object: object): void => {
    const size = keyCount(object);
    if (size >= MIN_KEYS) note(object, 'Object', size);
  };
  /** A module's exports may be asked for before they exist, and then throw. */
  const keyCount = (object: object): number => {
    let count = 0;
    try {
      // Unlike `Object.keys` it makes nothing that would be sampled; what is inherited is the same at every look.
      for (const key in object) if (key !== '') count += 1;
      return count;
    } catch {
      return 0;
    }
  };

  /**
   * Of classes written in JavaScript only. What Node makes natively has properties that look like values and load a module
   * or run native code when they are read.
   */
  const visitOwned = (owner: object): void => {
    // Its bytes are keys: a megabyte would be a million strings, and above 2^27 the engine refuses.
    if (ArrayBuffer.isView(owner)) return;
    for (const key of ownKeys(owner)) {
      const value = naming.ownValue(owner, key);
      if (typeof value !== 'object' || value === null || isProxy(value)) continue;
      if (getPrototypeOf(value) === null) visitDictionary(value);
    }
  };

  const ownerVisitor = (): ((object: object) => void) => {
    let left = MAX_OWNERS_OF_CLASS;
    return (object) => {
      left -= 1;
      if (left >= 0) visitOwned(object);
    };
  };

  const newest = (object: object, kind: Kind, size: number): unknown[] => {
    if (kind === 'Object' || kind === 'Array') {
      const names = kind === 'Object' ? keys(object).slice(-NEWEST) : undefined;
      const indices = names ?? [size - 1, size - 2, size - 3].filter((index) => index >= 0);
      return indices.map((key) => naming.ownValue(object, key));
    }
    if (size > MAX_ENTRIES_PASSED) return [];
    const last: unknown[] = [];
    let index = 0;
    for (const value of apply(kind === 'Map' ? mapValues : setValues, object, []) as Iterable<unknown>) {
      if (index >= size - NEWEST) last.push(value);
      index += 1;
    }
    return last;
  };

  const heldBy = (object: object, kind: Kind, size: number): readonly string[] => [
    ...new Set(newest(object, kind, size).map((value) => naming.kindOf(value))),
  ];

  return {
    begin: () => {
      seen = [];
      came = new Map();
      stayed = new Map();
    },
    visitsTo: (prototype) => {
      const lineage = naming.lineageOf(prototype);
      if (lineage.includes('Map')) return visitMap;
      if (lineage.includes('Set')) return visitSet;
      if (lineage.includes('Array')) return visitArray;
      if (lineage.length === 1) return visitDictionary;
      return naming.isOfScript(prototype) ? ownerVisitor() : undefined;
    },
    end: () => {
      // Listeners are noted in the same walk, from two on.
      history.settle((slot) => (slot.startsWith('on ') ? 1 : 0));
      const rows = seen
        .toSorted((one, two) => two.grewBy - one.grewBy)
        .slice(0, MAX_ROWS)
        .map((it) => ({
          id: it.id,
          kind: it.kind,
          sizes: it.sizes,
          holds: heldBy(it.object, it.kind, it.sizes.at(-1) ?? 0),
        }));
      const newRows = [...new Map([...stayed, ...came])].map(([kind, { object, size }]) => {
        known.set(kind, { is: new WeakRef(object), size });
        return { kind, size, holds: heldBy(object, kind, size) };
      });
      seen = [];
      came = new Map();
      stayed = new Map();
      return { rows, newest: newRows };
    },
  };
}
