import type { Host, Naming, Survey } from './types.ts';

/** One walk over all objects of the realm: counts them by class. */
export function makeSurvey({ isProxy }: Host, naming: Naming): (objects: readonly object[]) => Survey {
  const { getPrototypeOf } = Object;

  return (objects) => {
    const rows = new Map<object, { readonly id: number; readonly name: string; count: number }>();
    const counters = new Map<object, { count: number }>();
    const counterOf = (prototype: object): { count: number } => {
      const classPrototype = naming.classPrototypeOf(prototype);
      const row = rows.get(classPrototype) ?? {
        id: naming.idOf(classPrototype),
        name: naming.nameOf(classPrototype),
        count: 0,
      };
      rows.set(classPrototype, row);
      counters.set(prototype, row);
      return row;
    };
    for (let index = 0; index < objects.length; index += 1) {
      const object = objects[index];
      if (object === undefined || isProxy(object)) continue;
      const prototype = getPrototypeOf(object) as object;
      const counter = counters.get(prototype) ?? counterOf(prototype);
      counter.count += 1;
    }
    return { classes: [...rows.values()].map(({ id, name, count }) => [id, name, count] as const) };
  };
}
