import { FACTORIES_KEY, type FactoryList, type InspectableFactory } from './inspection.ts';

/** Where all copies of this package in a process find the list. */
interface WithFactories {
  [FACTORIES_KEY]?: MutableFactoryList;
}

interface MutableFactoryList extends FactoryList {
  add(factory: InspectableFactory): void;
  remove(factory: InspectableFactory): void;
}

/** Holds weakly: a factory that nobody uses any more is collected, closed or not. */
function makeList(): MutableFactoryList {
  let references: WeakRef<InspectableFactory>[] = [];
  const keep = (wanted: (factory: InspectableFactory) => boolean): void => {
    references = references.filter((reference) => {
      const factory = reference.deref();
      return factory !== undefined && wanted(factory);
    });
  };
  return {
    version: 1,
    list: () => references.flatMap((reference) => reference.deref() ?? []),
    add: (factory) => {
      keep(() => true);
      references.push(new WeakRef(factory));
    },
    remove: (factory) => keep((other) => other !== factory),
  };
}

function processList(): MutableFactoryList {
  const holder = globalThis as WithFactories;
  holder[FACTORIES_KEY] ??= makeList();
  return holder[FACTORIES_KEY];
}

/** Makes a factory visible to an inspector of this process. */
export function registerFactory(factory: InspectableFactory): void {
  processList().add(factory);
}

export function unregisterFactory(factory: InspectableFactory): void {
  processList().remove(factory);
}

/** Every factory of this process that is not closed. */
export function factoriesOfProcess(): readonly InspectableFactory[] {
  return processList().list();
}
