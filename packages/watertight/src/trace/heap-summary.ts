import type { HeapGraph } from './heap-graph.ts';
import { classOf } from './node-class.ts';
import { PathCensus } from './path-census.ts';

const MIN_SHARE = 0.01;
/** A path is told when what hangs below it is not nearly all behind one of its own steps. */
const PASSES_ON = 0.8;
const MAX_ROWS = 15;

export interface ClassSummary {
  readonly className: string;
  readonly count: number;
  readonly selfBytes: number;
}

export interface PathSummary {
  readonly className: string;
  readonly signature: readonly string[];
  readonly count: number;
  /** Of the objects at this path and of all that is reached through them first. */
  readonly bytes: number;
  readonly exampleNode: number;
}

export interface HeapSummary {
  readonly objectCount: number;
  readonly bytes: number;
  /** The largest first; at most 15. */
  readonly classes: readonly ClassSummary[];
  /** Where the bytes are: paths with at least a hundredth of the heap that is not all behind a single step of theirs. */
  readonly paths: readonly PathSummary[];
}

/** What one heap alone can tell: which classes and which places take its bytes. */
export function summarize(graph: HeapGraph): HeapSummary {
  const classes = classesOf(graph);
  const bytes = classes.reduce((total, { selfBytes }) => total + selfBytes, 0);
  return {
    objectCount: graph.nodeCount,
    bytes,
    classes: classes.toSorted((left, right) => right.selfBytes - left.selfBytes).slice(0, MAX_ROWS),
    paths: largePaths(graph, bytes * MIN_SHARE),
  };
}

/** All nodes of a class, as {@link summarize} names classes. */
export function nodesOfClass(graph: HeapGraph, className: string): number[] {
  const nodes: number[] = [];
  const named = new Map<number, boolean>();
  for (let node = 0; node < graph.nodeCount; node += 1) {
    const key = (graph.nameIndexes[node] as number) * 256 + (graph.types[node] as number);
    const known = named.get(key) ?? classOf(graph, node) === className;
    named.set(key, known);
    if (known) nodes.push(node);
  }
  return nodes;
}

function classesOf(graph: HeapGraph): ClassSummary[] {
  const byKey = new Map<number, { count: number; selfBytes: number; node: number }>();
  for (let node = 0; node < graph.nodeCount; node += 1) {
    const isString = graph.typeName(node).endsWith('string');
    const key = (isString ? 0 : (graph.nameIndexes[node] as number)) * 256 + (graph.types[node] as number);
    const known = byKey.get(key) ?? { count: 0, selfBytes: 0, node };
    known.count += 1;
    known.selfBytes += graph.selfSize(node);
    byKey.set(key, known);
  }
  const byClass = new Map<string, ClassSummary>();
  for (const { count, selfBytes, node } of byKey.values()) {
    const className = classOf(graph, node);
    const known = byClass.get(className);
    byClass.set(className, {
      className,
      count: count + (known?.count ?? 0),
      selfBytes: selfBytes + (known?.selfBytes ?? 0),
    });
  }
  return [...byClass.values()];
}

function largePaths(graph: HeapGraph, minBytes: number): PathSummary[] {
  const census = new PathCensus();
  const { counts, bytes, youngest } = census.take(graph);
  const { trie } = census;
  const below = Float64Array.from(bytes);
  const largestBelow = new Float64Array(trie.count);
  for (let path = trie.count - 1; path > 0; path -= 1) {
    const parent = trie.parent(path);
    const own = below[path] as number;
    below[parent] = (below[parent] as number) + own;
    if (own > (largestBelow[parent] as number)) largestBelow[parent] = own;
  }
  const found: PathSummary[] = [];
  for (let path = 1; path < trie.count; path += 1) {
    const own = below[path] as number;
    if (own < minBytes || (largestBelow[path] as number) > own * PASSES_ON) continue;
    found.push({
      className: census.word(trie.classId(path)),
      signature: census.signature(path),
      count: counts[path] as number,
      bytes: own,
      exampleNode: youngest[path] as number,
    });
  }
  return found.toSorted((left, right) => right.bytes - left.bytes).slice(0, MAX_ROWS);
}
