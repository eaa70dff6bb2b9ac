import type { Change } from './types.ts';

type Place = Record<string | number, unknown>;

/** The state after so many changes. What did not change is the same object as before. */
export function applyChanges<State>(state: State, changes: readonly Change[]): State {
  const copied = new Set<unknown>();
  let root: unknown = state;
  /** A copy that is ours to change, made once. */
  const own = (value: unknown): Place => {
    if (copied.has(value)) return value as Place;
    const copy: unknown = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as Place) };
    copied.add(copy);
    return copy as Place;
  };
  for (const [path, value] of changes) {
    const last = path.at(-1);
    if (last === undefined) {
      root = value;
      continue;
    }
    let place = own(root);
    root = place;
    for (const key of path.slice(0, -1)) {
      const next = own(place[key]);
      place[key] = next;
      place = next;
    }
    place[last] = value;
  }
  return root as State;
}
