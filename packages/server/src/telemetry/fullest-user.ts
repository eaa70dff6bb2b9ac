import type { FactoryStats } from '../stats.ts';

/** Of the users that are told; a user without a limit uses nothing of it. */
export function highestUsage(stats: FactoryStats): number {
  return fullestUser(stats)?.usage ?? 0;
}

/** Who holds the highest share of its limit, which need not be who holds most. `undefined`: nobody who is told has a limit. */
export function fullestUser({ perUser }: FactoryStats): { readonly user: string; readonly usage: number } | undefined {
  let fullest: { readonly user: string; readonly usage: number } | undefined;
  for (const { user, held, limit } of perUser) {
    const usage = limit === false || limit === 0 ? 0 : held / limit;
    if (usage > (fullest?.usage ?? 0)) fullest = { user, usage };
  }
  return fullest;
}
