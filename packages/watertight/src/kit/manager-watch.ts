import type { FactoryList } from '@watertight/server';
import type { Leftover } from './leftover.ts';

/** Where every copy of `@watertight/server` in a process lists its factories. */
const FACTORIES_KEY = Symbol.for('watertight.factories');

/** Managers of `@watertight/server` that are held, against those that were before. */
export class ManagerWatch {
  readonly #realm: { readonly [FACTORIES_KEY]?: FactoryList };
  #before: ReadonlyMap<string, number> = new Map();

  constructor(realm: object) {
    this.#realm = realm;
  }

  begin(): void {
    this.#before = this.#held();
  }

  left(): readonly Leftover[] {
    return [...this.#held()].flatMap(([name, count]): Leftover[] => {
      const more = count - (this.#before.get(name) ?? 0);
      if (more <= 0) return [];
      return [{ kind: 'managers', what: `${more} manager${more === 1 ? '' : 's'} of the factory "${name}"`, at: null }];
    });
  }

  #held(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const factory of this.#realm[FACTORIES_KEY]?.list() ?? []) {
      const { active, pending, closing } = factory.stats();
      counts.set(factory.name, (counts.get(factory.name) ?? 0) + active + pending + closing);
    }
    return counts;
  }
}
