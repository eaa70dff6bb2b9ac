import type { Grown, History } from './types.ts';

/**
 * Most of what is noted never changes: for that, one number has to do, in a map that keeps nothing alive. Only what changes
 * gets a record.
 */
export function makeHistory(): History {
  // A global of a realm made by `node:vm` is dear to look up.
  const { floor } = Math;
  const LOOKS = 4_096;
  const bySlot = new Map<string, WeakMap<object, number | Grown>>();
  /** What changed and was noted again since, with the look at which it was. */
  const changed = new Map<Grown, { readonly slot: string; readonly look: number }>();
  let look = 0;
  let lastId = 0;

  const filled = (first: number, firstLook: number): number[] => {
    const sizes: number[] = [];
    for (let index = 0; index < look; index += 1) sizes.push(index < firstLook ? 0 : first);
    return sizes;
  };

  const write = (grown: Grown, size: number): void => {
    while (grown.sizes.length < look) grown.sizes.push(grown.sizes.at(-1) ?? 0);
    grown.sizes[look] = size;
  };

  return {
    begin: (index) => {
      look = index;
    },
    settle: (sizeOf) => {
      for (const [grown, seen] of changed) {
        if (seen.look === look) continue;
        write(grown, sizeOf(seen.slot));
        changed.delete(grown);
      }
    },
    note: (owner, slot, size) => {
      const owners = bySlot.get(slot) ?? new WeakMap<object, number | Grown>();
      bySlot.set(slot, owners);
      const known = owners.get(owner);
      if (known === undefined) {
        owners.set(owner, size * LOOKS + look);
        return 'new';
      }
      const first = typeof known === 'number' ? floor(known / LOOKS) : undefined;
      if (typeof known === 'number' && first === size) return undefined;
      const grown = typeof known === 'number' ? { id: (lastId += 1), sizes: filled(first ?? 0, known % LOOKS) } : known;
      owners.set(owner, grown);
      write(grown, size);
      changed.set(grown, { slot, look });
      // No closure: it would be sampled for everything that changes.
      let earliest = 0;
      for (let index = 0; earliest === 0 && index <= look; index += 1) earliest = grown.sizes[index] ?? 0;
      return size > earliest ? grown : undefined;
    },
  };
}
