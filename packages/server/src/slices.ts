import type { Clock } from './clock.ts';

/** Work of ours never holds the event loop for longer than this at a time. */
const SLICE_MS = 10;
/** When this much is over nothing more is begun: the rest is for the item under way, and for a garbage collection that falls into it. */
export const SLICE_BUDGET_MS = SLICE_MS / 4;

/** What a piece of sliced work came to. */
export interface SliceReport {
  readonly items: number;
  readonly longestSliceMs: number;
}

/**
 * Handles every item of an iterator in slices of at most 10 ms, the first of them at once, letting I/O in between.
 * Iterators of `Map` and `Set` stay valid while entries come and go, so nothing is copied. Each item is told the time, which is looked
 * at before each: one item may run finalizers that are not ours. A handler that throws ends the work and rejects.
 */
export function inSlices<Item>(
  clock: Clock,
  items: Iterator<Item>,
  handle: (item: Item, nowMs: number) => void,
): Promise<SliceReport> {
  return new Promise((resolve, reject) => {
    let handled = 0;
    let longestSliceMs = 0;
    const slice = (): void => {
      const startedAtMs = clock.now();
      let nowMs = startedAtMs;
      try {
        while (nowMs - startedAtMs < SLICE_BUDGET_MS) {
          const next = items.next();
          if (next.done === true) {
            resolve({ items: handled, longestSliceMs });
            return;
          }
          handle(next.value, nowMs);
          handled += 1;
          nowMs = clock.now();
          longestSliceMs = Math.max(longestSliceMs, nowMs - startedAtMs);
        }
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      clock.setImmediate(slice);
    };
    slice();
  });
}
