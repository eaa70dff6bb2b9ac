import type { EvictionCandidate, OnLimitDecision } from './on-limit.ts';

/** Who goes: one pure function over plain facts. `undefined`: nobody, so the attempt is refused. */
export function chooseToEvict(
  candidates: readonly EvictionCandidate[],
  decision: OnLimitDecision,
  evictIdleAfterMs: number,
): EvictionCandidate | undefined {
  if (decision === 'reject') return undefined;
  if (decision === 'evict-oldest') return greatest(candidates, ({ ageMs }) => ageMs);
  if (decision === 'evict-idle')
    return greatest(
      candidates.filter(({ idleForMs }) => idleForMs >= evictIdleAfterMs),
      ({ idleForMs }) => idleForMs,
    );
  return candidates.find(({ managerId }) => managerId === decision.evict);
}

/** The first of those with the greatest value: candidates come in the order in which they were admitted. */
function greatest<Item>(items: readonly Item[], value: (item: Item) => number): Item | undefined {
  let best: Item | undefined;
  for (const item of items) if (best === undefined || value(item) > value(best)) best = item;
  return best;
}
