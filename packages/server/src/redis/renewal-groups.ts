import type { RenewItem } from '../quota/types.ts';

/** Items that are written alike. */
export interface RenewalGroup {
  /** Ids of each. */
  readonly count: number;
  readonly prolong: boolean;
  readonly members: { readonly item: RenewItem; readonly index: number }[];
}

/** Most users have one or two leases: what they have in common is said once. */
export function groupsOf(items: readonly RenewItem[]): Iterable<RenewalGroup> {
  const groups = new Map<number, RenewalGroup>();
  for (const [index, item] of items.entries()) {
    const count = item.leaseIds.length;
    const prolong = item.prolong !== false;
    const key = prolong ? count : -count;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { count, prolong, members: [{ item, index }] });
    else known.members.push({ item, index });
  }
  return groups.values();
}
