import { isInternalClass } from './node-class.ts';
import type { GrowingNode } from './types.ts';

/** Rates this near to each other come from the same entries. */
const SAME_RATE = 0.1;
const IS_TEXT = / → \(string\)$/;
const IS_TABLE = /^internal .* → \((?:array|object properties|object elements)\)$/;

/**
 * The key and the value of a map entry grow beside each other behind the same holder and at the same rate. They are one cause:
 * the one that says most leads, the others are carried along.
 */
export function mergeEntries(nodes: readonly GrowingNode[]): GrowingNode[] {
  const merged: GrowingNode[] = [];
  for (const node of nodes.toSorted(byMeaning)) {
    const at = merged.findIndex((leader) => isSameEntry(leader, node) || isPieceBeside(leader, node));
    const leader = merged[at];
    if (leader) merged[at] = withFollower(leader, node);
    else merged.push(node);
  }
  return merged;
}

function isSameEntry(leader: GrowingNode, node: GrowingNode): boolean {
  return (
    holderOf(leader) === holderOf(node) &&
    Math.abs(leader.perCycle - node.perCycle) <= SAME_RATE * Math.max(leader.perCycle, node.perCycle)
  );
}

/** What a text is put together from, such as a key, is a part of its entry, however many pieces it has. */
function isPieceBeside(leader: GrowingNode, { className, signature }: GrowingNode): boolean {
  const holders = signature.slice(0, -1);
  if (className !== '(string)' || !IS_TEXT.test(holders.at(-1) ?? '')) return false;
  while (IS_TEXT.test(holders.at(-1) ?? '')) holders.pop();
  return withoutTables(holders) === holderOf(leader);
}

function holderOf({ signature }: GrowingNode): string {
  return withoutTables(signature.slice(0, -1));
}

/** Without the tables in which V8 keeps the entries: keys of a dictionary and its values stand in different ones. */
function withoutTables(holders: readonly string[]): string {
  const last = holders.findLastIndex((holder) => !IS_TABLE.test(holder));
  return holders.slice(0, last + 1).join('\n');
}

function withFollower(
  leader: GrowingNode,
  { className, perCycle, bytesPerCycle, carriesAlong }: GrowingNode,
): GrowingNode {
  const carried = new Map<string, number>();
  for (const one of [...leader.carriesAlong, { className, perCycle }, ...carriesAlong])
    carried.set(one.className, (carried.get(one.className) ?? 0) + one.perCycle);
  return {
    ...leader,
    bytesPerCycle: leader.bytesPerCycle + bytesPerCycle,
    carriesAlong: [...carried].map(([name, count]) => ({ className: name, perCycle: count })),
  };
}

function byMeaning(left: GrowingNode, right: GrowingNode): number {
  return meaning(right.className) - meaning(left.className) || right.bytesPerCycle - left.bytesPerCycle;
}

function meaning(className: string): number {
  if (isInternalClass(className)) return 0;
  return className === '(string)' || className === '(bigint)' ? 1 : 2;
}
