import { isOfNode } from '../../evidence/owner.ts';
import type { Look } from '../../evidence/examination.ts';
import type { TimerCount } from '../../inspector/heap-types.ts';

/** A timer that stands so often is armed by connections. */
export const FEWEST_ARMED_COUNT = 5;

export interface Armed {
  readonly key: string;
  readonly delayMs: number;
}

/** Timers that repeat, whose callback somebody wrote: those of Node's own servers look after requests that were never finished. */
export function repeating({ heap }: Look): readonly Armed[] {
  return (heap?.timers ?? [])
    .filter(({ repeats, position }) => repeats && !(position !== undefined && isOfNode(position.url)))
    .map((timer) => ({ key: keyOf(timer), delayMs: timer.delayMs }));
}

/** Timers that fire once, of which there are more by what may be connections. */
export function armedSince(baseline: Look, { heap }: Look): readonly Armed[] {
  const before = new Map<string, number>();
  for (const timer of baseline.heap?.timers ?? [])
    before.set(keyOf(timer), (before.get(keyOf(timer)) ?? 0) + timer.count);
  return (heap?.timers ?? [])
    .filter((timer) => !timer.repeats && timer.count - (before.get(keyOf(timer)) ?? 0) >= FEWEST_ARMED_COUNT)
    .map((timer) => ({ key: keyOf(timer), delayMs: timer.delayMs }));
}

function keyOf({ kind, callback, position }: TimerCount): string {
  return `${kind} ${callback} ${position?.url}:${position?.line}`;
}
