import type { Host, Naming, Realms } from './types.ts';

/**
 * What lies in another realm can be listed only from there, and the protocol hands nothing from one realm to another. So for
 * each look a courier is put into each: a function that is told from all others by its source, without running any code of the
 * target, and brings the list back as its property. Nothing is read from the global object there: it may be a proxy.
 */
export function makeRealms(
  { isContext, isProxy, makeIn }: Host,
  naming: Naming,
  courier: string,
  mostRealms: number,
): Realms {
  const { getPrototypeOf, getOwnPropertyDescriptor } = Object;
  const { apply, ownKeys } = Reflect;
  const textOf = getOwnPropertyDescriptor(Function.prototype, 'toString')?.value as () => string;
  const isFunction = (value: unknown): value is () => unknown => typeof value === 'function' && !isProxy(value);
  let sandboxes: readonly WeakRef<object>[] = [];
  let couriers: readonly object[] = [];
  /** What the global objects of those realms inherit from. */
  let aboveGlobals = new WeakSet<object>();

  /** Nothing where the target has put a function of its own in the place of the one by which the courier is found. */
  const courierFor = (sandbox: object): readonly object[] => {
    try {
      const made = makeIn(`(${courier})`, sandbox);
      if (!isFunction(made)) return [];
      const how = naming.ownValue(getPrototypeOf(made) as object, 'toString');
      const above = getPrototypeOf(makeIn('this', sandbox)) as object;
      if (getPrototypeOf(above) !== null) aboveGlobals.add(above);
      return isFunction(how) && apply(textOf, how, []).endsWith('[native code] }') ? [made] : [];
    } catch {
      return [];
    }
  };

  /** Jest's sandbox is a proxy, and proxies are in no list: they are found through who owns them. */
  const ownedBy = (owner: object): readonly object[] =>
    ownKeys(owner)
      .map((key) => naming.ownValue(owner, key))
      .filter((value) => typeof value === 'object' && value !== null && isProxy(value))
      .filter((value): value is object => isContext(value as object));

  return {
    find: (objects) => {
      const found = new Set<object>();
      const isScripts = new Map<unknown, boolean>();
      const isOfScript = (prototype: object): boolean => {
        const known = isScripts.get(prototype) ?? naming.isOfScript(prototype);
        isScripts.set(prototype, known);
        return known;
      };
      // The youngest lie last; of a test runner's the one that is in use is the youngest.
      for (let index = objects.length - 1; index >= 0 && found.size < mostRealms; index -= 1) {
        const object = objects[index];
        if (typeof object !== 'object' || isProxy(object)) continue;
        if (isContext(object)) found.add(object);
        else if (isOfScript(getPrototypeOf(object) as object) && !ArrayBuffer.isView(object))
          for (const owned of ownedBy(object)) found.add(owned);
      }
      sandboxes = [...found].map((sandbox) => new WeakRef(sandbox));
      return found.size;
    },
    sendCouriers: () => {
      aboveGlobals = new WeakSet();
      const reachable = sandboxes.map((sandbox) => sandbox.deref()).filter((sandbox) => sandbox !== undefined);
      couriers = reachable.flatMap((sandbox) => courierFor(sandbox));
      return couriers.length;
    },
    isOfGlobal: (prototype) => {
      if (couriers.length === 0 || isProxy(prototype)) return false;
      const above = getPrototypeOf(prototype) as object | null;
      return aboveGlobals.has(prototype) || (above !== null && aboveGlobals.has(above));
    },
    // They would keep their realms alive.
    letGo: () => {
      couriers = [];
    },
    carried: () => {
      const lists = couriers.map((one) => getOwnPropertyDescriptor(one, 'watertightCarried')?.value as unknown);
      return lists.filter((list): list is readonly object[] => Array.isArray(list));
    },
  };
}
