import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers';
/** What counts what it holds: a function, or a factory of `@watertight/server`. */
export type Counted = (() => number) | { stats(): { readonly active: number; readonly pending: number } };

const LOOK_EVERY_MS = 5;

export function isCounted(value: unknown): value is Counted {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && 'stats' in value);
}

export function countOf(counted: Counted): number {
  if (typeof counted === 'function') return counted();
  const { active, pending } = counted.stats();
  return active + pending;
}

/** How long it took until nothing was held; `undefined` when something still was after `withinMs`. */
export async function releasedAfterMs(counted: Counted, withinMs: number): Promise<number | undefined> {
  const startedAtMs = performance.now();
  for (;;) {
    const elapsedMs = performance.now() - startedAtMs;
    if (countOf(counted) === 0) return elapsedMs;
    if (elapsedMs >= withinMs) return undefined;
    await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_EVERY_MS, Math.max(1, withinMs - elapsedMs))));
  }
}
