import { setTimeout as delay } from 'node:timers/promises';
import type { InsideView } from '../../inspector/types.ts';
import type { ScenarioContext } from '../types.ts';

/** A server has an amount of refusals a second that it answers. */
const BUDGET_MS = 1_000;

/** When the last of our attacks on a server ended. */
const spentAtMs: WeakMap<InsideView, number> = new WeakMap();

/** Nothing is left of what the server answers in this second: whoever it refuses now loses its socket without a word. */
export function spendRefusals(inside: InsideView): void {
  spentAtMs.set(inside, performance.now());
}

/** Resolves when a server that we attacked says again why it refuses somebody; at once where that is long ago, or never was. */
export async function untilRefusalsAreTold({
  inside,
  signal,
}: Pick<ScenarioContext, 'inside' | 'signal'>): Promise<void> {
  const spent = inside === undefined ? undefined : spentAtMs.get(inside);
  const leftMs = spent === undefined ? 0 : spent + BUDGET_MS - performance.now();
  if (leftMs > 0) await delay(leftMs, undefined, { signal });
}
