import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers';
import { LOOP_DELAY_LIMIT_MS } from '../verdict/deadline.ts';

/** What counts what it holds: a function, or a factory of `@watertight/server`. */
export type Counted = (() => number) | { stats(): { readonly active: number; readonly pending: number } };

const LOOK_EVERY_MS = 5;

/** What was held while a promise to release was waited for. */
export interface Releasing {
  readonly heldBefore: number;
  /** At the last look. */
  readonly held: number;
  /** How long it took until nothing was held; `undefined` when something still was at the end. */
  readonly afterMs: number | undefined;
}

export function isCounted(value: unknown): value is Counted {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && 'stats' in value);
}

/** @throws TypeError when it answers no count: against that neither a promise nor its opposite can be held. */
export function countOf(counted: Counted): number {
  const held: unknown = typeof counted === 'function' ? counted() : sumOf(counted.stats());
  if (typeof held === 'number' && held >= 0 && Number.isFinite(held)) return held;
  const hint = held instanceof Promise ? '; a function that counts must not be async' : '';
  throw new TypeError(`what counts answered ${String(held)}; expected a number of at least 0${hint}`);
}

/** @throws Error when it cannot be told, because the event loop stood still while the time ran out. */
export async function watchRelease(counted: Counted, withinMs: number): Promise<Releasing> {
  const startedAtMs = performance.now();
  const heldBefore = countOf(counted);
  let held = heldBefore;
  for (let lookedAtMs = 0; ;) {
    const elapsedMs = performance.now() - startedAtMs;
    held = countOf(counted);
    if (elapsedMs > withinMs && elapsedMs - lookedAtMs > LOOP_DELAY_LIMIT_MS + LOOK_EVERY_MS)
      throw new Error(
        `whether all ${heldBefore} were released within ${withinMs} ms could not be told: the event loop stood still for ${Math.round(elapsedMs - lookedAtMs)} ms, until ${Math.round(elapsedMs)} ms had passed; ${held} are held now`,
      );
    if (held === 0) return { heldBefore, held, afterMs: elapsedMs };
    if (elapsedMs >= withinMs) return { heldBefore, held, afterMs: undefined };
    lookedAtMs = elapsedMs;
    await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_EVERY_MS, Math.max(1, withinMs - elapsedMs))));
  }
}

function sumOf({ active, pending }: { readonly active: number; readonly pending: number }): number {
  return active + pending;
}
