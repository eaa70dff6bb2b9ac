import type { Clock } from './clock.ts';

/** Work of ours never holds the event loop for longer than this at a time. */
export const SLICE_MS = 10;
/** How many items are handled between two looks at the clock. */
const ITEMS_PER_LOOK = 16;

/** What a piece of sliced work came to. */
export interface SliceReport {
  readonly items: number;
  readonly longestSliceMs: number;
}

/**
 * Handles every item of an iterator in slices of at most {@link SLICE_MS}, letting I/O in between.
 * Iterators of `Map` and `Set` stay valid while entries come and go, so nothing is copied.
 * A handler that throws ends the work and rejects.
 */
export function inSlices<Item>(
  clock: Clock,
  items: Iterator<Item>,
  handle: (item: Item) => void,
): Promise<SliceReport> {
  return new Promise((resolve, reject) => {
    let handled = 0;
    let longestSliceMs = 0;
    const slice = (): void => {
      const startedAtMs = clock.now();
      try {
        for (;;) {
          const next = items.next();
          const elapsedMs = handled % ITEMS_PER_LOOK === 0 || next.done === true ? clock.now() - startedAtMs : 0;
          if (elapsedMs > longestSliceMs) longestSliceMs = elapsedMs;
          if (next.done === true) {
            resolve({ items: handled, longestSliceMs });
            return;
          }
          handle(next.value);
          handled += 1;
          if (elapsedMs >= SLICE_MS / 2) break;
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
