import type { HeapGraph } from './heap-graph.ts';
import { mergeEntries } from './merge-entries.ts';
import { isInternalClass } from './node-class.ts';
import { type Census, ELEMENT, PathCensus } from './path-census.ts';
import { type Proportion, growthOf, proportionOf } from './proportional.ts';
import type { GrowingNode } from './types.ts';

/** Enough that a class of the program's own, one on each, is among all that a connection is made of. */
const MAX_CARRIED = 60;
/** A child counts as growing by itself when each of its growing holders gets this much more of it than the holders had at first. */
const OWN_GROWTH_FACTOR = 2;
/** Roots under which V8 keeps what it may drop at any time. */
const CACHES = /internalized|external strings|object cache|compilation cache|read-only|builtins/i;

/** All objects of one class behind one holder, under whatever names it holds them. */
interface Group {
  readonly holderPath: number;
  readonly classId: number;
  readonly paths: number[];
  readonly counts: number[];
  proportion: Proportion | undefined;
}

interface Carried {
  bytes: number;
  readonly classes: Map<number, number>;
}

/**
 * Finds what grows along the paths of several heaps of one process. Heaps are added one by one and need not be kept: what is
 * remembered of each is a count per path. Only the last one is needed again, for retaining paths.
 */
export class PathGrowth {
  readonly #census = new PathCensus();
  readonly #heaps: Census[] = [];

  add(graph: HeapGraph): void {
    this.#heaps.push(this.#census.take(graph));
  }

  /**
   * The topmost growing nodes, the largest first. `cycles` says how many cycles lay between each heap and the next; without it
   * every interval counts as one, and growth need not be in proportion.
   *
   * @throws RangeError when there are fewer than two heaps, or not one number of cycles, above 0, for each interval.
   */
  growing(cycles?: readonly number[]): readonly GrowingNode[] {
    const heapCount = this.#heaps.length;
    if (heapCount < 2) throw new RangeError(`growth needs at least 2 heaps, not ${heapCount}`);
    if (cycles && (cycles.length !== heapCount - 1 || cycles.some((count) => !(count > 0))))
      throw new RangeError(
        `${heapCount} heaps need ${heapCount - 1} numbers of cycles above 0, not [${cycles.join(', ')}]`,
      );
    const intervals = cycles ?? Array.from({ length: heapCount - 1 }, () => 1);
    const groups = this.#groups((counts) => (cycles ? proportionOf(counts, cycles) : growthOf(counts)));
    const above = this.#topmost(groups);
    const described = [...this.#carried(above, intervals)]
      .map(([group, carried]) => this.#describe(group, carried))
      .filter((node) => node !== undefined);
    return mergeEntries(described).toSorted(byWeight);
  }

  #countOf(heap: number, path: number): number {
    return this.#heaps[heap]?.counts[path] ?? 0;
  }

  #bytesGrown(path: number): number {
    return (this.#heaps.at(-1)?.bytes[path] ?? 0) - (this.#heaps[0]?.bytes[path] ?? 0);
  }

  #countGrown(path: number): number {
    return this.#countOf(this.#heaps.length - 1, path) - this.#countOf(0, path);
  }

  /** By path; paths of one group share it. */
  #groups(judge: (counts: readonly number[]) => Proportion | undefined): readonly (Group | undefined)[] {
    const { trie } = this.#census;
    const byKey = new Map<number, Group>();
    const byPath: (Group | undefined)[] = [undefined];
    for (let path = 1; path < trie.count; path += 1) {
      const holderPath = trie.parent(path);
      const classId = trie.classId(path);
      const key = holderPath * 2 ** 24 + classId;
      let group = byKey.get(key);
      if (!group) {
        group = { holderPath, classId, paths: [], counts: this.#heaps.map(() => 0), proportion: undefined };
        byKey.set(key, group);
      }
      group.paths.push(path);
      for (let heap = 0; heap < this.#heaps.length; heap += 1)
        group.counts[heap] = (group.counts[heap] ?? 0) + this.#countOf(heap, path);
      byPath.push(group);
    }
    // Most have not grown at all, and there are thousands.
    for (const group of byKey.values()) if (hasGrown(group)) group.proportion = judge(group.counts);
    return byPath;
  }

  /** The growing group that each path belongs to or hangs below. Paths are numbered so that a holder comes before what it holds. */
  #topmost(groups: readonly (Group | undefined)[]): readonly (Group | undefined)[] {
    const above: (Group | undefined)[] = [undefined];
    for (let path = 1; path < groups.length; path += 1) {
      const group = groups[path];
      const holder = above[this.#census.trie.parent(path)];
      const growsAlone = group?.proportion !== undefined && (holder === undefined || outgrows(group, holder));
      // What stays as it is below something that grows is not carried along, but shared: what grows behind it has a cause of its own.
      above.push(growsAlone ? group : group && hasGrown(group) ? holder : undefined);
    }
    return above;
  }

  #carried(above: readonly (Group | undefined)[], cycles: readonly number[]): Map<Group, Carried> {
    const found = new Map<Group, Carried>();
    const cycleCount = cycles.reduce((total, count) => total + count, 0);
    for (const [path, group] of above.entries()) {
      if (!group) continue;
      const carried = found.get(group) ?? { bytes: 0, classes: new Map<number, number>() };
      found.set(group, carried);
      carried.bytes += this.#bytesGrown(path) / cycleCount;
      if (group.paths.includes(path)) continue;
      const classId = this.#census.trie.classId(path);
      carried.classes.set(classId, (carried.classes.get(classId) ?? 0) + this.#countGrown(path) / cycleCount);
    }
    return found;
  }

  #describe(group: Group, carried: Carried): GrowingNode | undefined {
    const signature = this.#census.signature(group.paths[0] ?? 0);
    const { proportion } = group;
    if (!proportion || CACHES.test(signature.slice(0, 2).join(' '))) return undefined;
    const className = this.#census.word(group.classId);
    const carriesAlong = [...carried.classes]
      .map(([classId, perCycle]) => ({ className: this.#census.word(classId), perCycle }))
      .filter(({ perCycle }) => perCycle >= proportion.perCycle / 2)
      .toSorted(
        (left, right) =>
          Number(isInternalClass(left.className)) - Number(isInternalClass(right.className)) ||
          right.perCycle - left.perCycle,
      );
    const isEntry = className === '(number)' && signature.at(-1) === `${ELEMENT} → (number)`;
    // A number in a field is one object or another by its size; one that a collection keeps is what the program keeps.
    if (isInternalClass(className) && !isEntry && carriesAlong.every((other) => isInternalClass(other.className)))
      return undefined;
    return {
      className,
      signature,
      counts: group.counts,
      perCycle: proportion.perCycle,
      exact: proportion.exact,
      bytesPerCycle: carried.bytes,
      carriesAlong: carriesAlong.slice(0, MAX_CARRIED),
      exampleNode: this.#youngest(group),
    };
  }

  /** Of the path that grew most. */
  #youngest(group: Group): number {
    const path = group.paths.toSorted((left, right) => this.#countGrown(right) - this.#countGrown(left))[0] ?? 0;
    return this.#heaps.at(-1)?.youngest[path] ?? 0;
  }
}

function outgrows(group: Group, holder: Group): boolean {
  const [atFirst = 0] = group.counts;
  const [holdersAtFirst = 0] = holder.counts;
  if (holdersAtFirst === 0 || atFirst === 0) return false;
  const grown = (group.counts.at(-1) ?? 0) - atFirst;
  const holdersGrown = (holder.counts.at(-1) ?? 0) - holdersAtFirst;
  return grown / holdersGrown > (OWN_GROWTH_FACTOR * atFirst) / holdersAtFirst;
}

function hasGrown({ counts }: Group): boolean {
  return (counts.at(-1) ?? 0) > (counts[0] ?? 0);
}

function byWeight(left: GrowingNode, right: GrowingNode): number {
  return (
    Number(isInternalClass(left.className)) - Number(isInternalClass(right.className)) ||
    Number(right.exact) - Number(left.exact) ||
    right.bytesPerCycle - left.bytesPerCycle
  );
}
