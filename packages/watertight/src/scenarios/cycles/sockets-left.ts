import type { Counts } from '../../evidence/counts.ts';
import { left, socketAllowance } from '../../evidence/server-look.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import { sayGrowth } from './growth-text.ts';

/** By TCP state: sockets that stay, and a word about those that are known to go by themselves, only later. */
export function socketsLeft(
  before: Counts,
  after: Counts,
  cycles: number,
  suspects: readonly Suspect[],
): { readonly kept: Counts; readonly late: Readonly<Record<string, string>> } {
  const kept: Record<string, number> = {};
  const late: Record<string, string> = {};
  for (const [state, count] of Object.entries(left(after, before, socketAllowance(cycles)))) {
    const known = suspects.find(
      (suspect) =>
        suspect.from === 'count' &&
        suspect.series.kind === 'sockets' &&
        suspect.series.name === state &&
        suspect.growth.is === 'late',
    );
    if (known === undefined) kept[state] = count;
    else late[`${state} meanwhile`] = sayGrowth(known);
  }
  return { kept, late };
}
