import type { Host, Naming } from './types.ts';

/**
 * Names come from own data properties only: reading `.constructor` would run getters, and through a proxied prototype a trap.
 */
export function makeNaming({ isProxy }: Host): Naming {
  const { getPrototypeOf, getOwnPropertyDescriptor } = Object;
  const { apply } = Reflect;
  const textOf = getOwnPropertyDescriptor(Function.prototype, 'toString')?.value as () => string;
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

  /** The stack of an error looks like a value, but is made when it is first read, by code of Node and of the target. */
  const ownValue = (object: object, key: PropertyKey): unknown =>
    key === 'stack' ? undefined : getOwnPropertyDescriptor(object, key)?.value;

  const lineageOf = (prototype: object): readonly string[] => {
    const known = lineages.get(prototype);
    if (known !== undefined) return known;
    const names: string[] = [];
    lineages.set(prototype, names);
    for (let it: object | null = prototype; it !== null && !isProxy(it); it = getPrototypeOf(it) as object | null) {
      if (ownConstructor(it) !== undefined) names.push(nameOf(it));
    }
    return names;
  };

  return {
    classPrototypeOf,
    nameOf,
    ownValue,
    lineageOf,
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
    isOfScript: (prototype) => {
      const made = ownConstructor(classPrototypeOf(prototype));
      if (made === undefined || lineageOf(prototype).some((name) => name === 'Error' || name === 'Function'))
        return false;
      return !apply<unknown, [], string>(textOf, made, []).endsWith('[native code] }');
    },
    constructorOf: (id) => {
      const prototype = prototypes.get(id)?.deref();
      return prototype && ownConstructor(prototype);
    },
  };
}
