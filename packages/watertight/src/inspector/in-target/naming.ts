import type { Host, Naming } from './types.ts';

/**
 * Names come from own data properties only: reading `.constructor` would run getters, and through a proxied prototype a trap.
 */
export function makeNaming({ isProxy }: Host): Naming {
  const { getPrototypeOf, getOwnPropertyDescriptor } = Object;
  const MAX_NAME_LENGTH = 200;
  const ids = new WeakMap<object, number>();
  const prototypes = new Map<number, WeakRef<object>>();
  const lineages = new WeakMap<object, readonly string[]>();

  /** The constructor, when it is a property of the prototype itself. */
  const ownConstructor = (prototype: object): object | undefined => {
    if (isProxy(prototype)) return undefined;
    const made: unknown = getOwnPropertyDescriptor(prototype, 'constructor')?.value;
    return typeof made === 'function' && !isProxy(made) ? made : undefined;
  };

  const classPrototypeOf = (prototype: object): object => {
    for (let it: object | null = prototype; it !== null && !isProxy(it); it = getPrototypeOf(it) as object | null) {
      if (ownConstructor(it) !== undefined) return it;
    }
    return prototype;
  };

  const nameOf = (classPrototype: object): string => {
    if (isProxy(classPrototype)) return '(proxied)';
    const made = ownConstructor(classPrototype);
    const name: unknown = made && getOwnPropertyDescriptor(made, 'name')?.value;
    return typeof name === 'string' && name !== '' ? name.slice(0, MAX_NAME_LENGTH) : '(anonymous)';
  };

  const ownValue = (object: object, key: PropertyKey): unknown => getOwnPropertyDescriptor(object, key)?.value;

  return {
    classPrototypeOf,
    nameOf,
    ownValue,
    lineageOf: (prototype) => {
      const known = lineages.get(prototype);
      if (known !== undefined) return known;
      const names: string[] = [];
      lineages.set(prototype, names);
      for (let it: object | null = prototype; it !== null && !isProxy(it); it = getPrototypeOf(it) as object | null) {
        if (ownConstructor(it) !== undefined) names.push(nameOf(it));
      }
      return names;
    },
    idOf: (classPrototype) => {
      const known = ids.get(classPrototype);
      if (known !== undefined) return known;
      const id = prototypes.size;
      ids.set(classPrototype, id);
      prototypes.set(id, new WeakRef(classPrototype));
      return id;
    },
    kindOf: (value) => {
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
        return value === null ? 'null' : typeof value;
      }
      if (isProxy(value)) return '(proxied)';
      const prototype = getPrototypeOf(value) as object | null;
      return prototype === null ? '(no prototype)' : nameOf(classPrototypeOf(prototype));
    },
    constructorOf: (id) => {
      const prototype = prototypes.get(id)?.deref();
      return prototype && ownConstructor(prototype);
    },
  };
}
