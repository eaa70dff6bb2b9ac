import { EdgeReader } from './edges.ts';
import type { HeapGraph } from './heap-graph.ts';
import { classOf } from './node-class.ts';
import {
  type RawStep,
  type RetainingPathOptions,
  type RetainingPath,
  rawPath,
  retainingPath,
} from './retaining-path.ts';
import { reachFromRoot, shortestPaths } from './reach.ts';

const MAX_RETAINERS = 4;

export interface IndependentRetainers {
  /** How many holders would have to let go. */
  readonly count: number;
  /** Whether there may be more than were looked for. */
  readonly atLeast: boolean;
  /** One path for each. */
  readonly paths: readonly RetainingPath[];
}

export interface RetainersOptions extends Pick<RetainingPathOptions, 'places'> {
  /** The highest id before the growth: what is older held already, what is younger came with the leak. */
  readonly bornAfterId?: number;
  /** Look for at most this many; default 4. One walk over the heap for each. */
  readonly maxCount?: number;
}

/**
 * Counts who holds a node independently of each other: the edge by which the first path enters what leaked is cut, and if the
 * node is still reachable the next path is, until it is not. Cutting one of two is no fix.
 */
export function independentRetainers(
  graph: HeapGraph,
  node: number,
  { bornAfterId, maxCount = MAX_RETAINERS, places }: RetainersOptions = {},
): IndependentRetainers {
  const edges = new EdgeReader(graph);
  const without = new Set<number>();
  const holders = new Set<number>();
  const paths: RetainingPath[] = [];
  // A holder may hold by several edges, key and value of one entry: each is cut, and counted once.
  for (let cut = 0; cut < maxCount * 2 && holders.size <= maxCount; cut += 1) {
    const reach = cut === 0 ? shortestPaths(graph) : reachFromRoot(graph, { without, until: node });
    const raw = rawPath(graph, node, reach);
    if (!raw || raw.length === 0) return { count: holders.size, atLeast: false, paths };
    const suspect = suspectStep(graph, edges, raw, bornAfterId);
    without.add(suspect.edge);
    const holder = headOfList(graph, raw, suspect);
    if (holders.has(holder)) continue;
    if (holders.size === maxCount) break;
    holders.add(holder);
    const path = retainingPath(graph, node, { reach, ...(places && { places }) });
    if (path) paths.push(path);
  }
  return { count: holders.size, atLeast: true, paths };
}

/** The step by which a path goes from what stays to what was left behind. */
function suspectStep(
  graph: HeapGraph,
  edges: EdgeReader,
  raw: readonly RawStep[],
  bornAfterId: number | undefined,
): RawStep {
  const last = raw.at(-1) as RawStep;
  if (bornAfterId !== undefined) {
    const fromOld = raw.findLast(
      ({ source, target }) => graph.id(source) <= bornAfterId && graph.id(target) > bornAfterId,
    );
    if (fromOld) return fromOld;
  }
  const isKind = (kind: string) => (step: RawStep) => edges.kind(step.edge) === kind;
  return raw.findLast(isKind('element')) ?? raw.findLast(isKind('variable')) ?? last;
}

/** A list is one holder, from whichever end the path goes; and so is an object with the tables in which V8 keeps its entries. */
function headOfList(graph: HeapGraph, raw: readonly RawStep[], suspect: RawStep): number {
  const className = classOf(graph, suspect.target);
  for (let at = raw.indexOf(suspect); ; at -= 1) {
    const { source } = raw[at] as RawStep;
    const sourceClass = classOf(graph, source);
    if (at === 0 || (sourceClass !== className && graph.typeName(source) !== 'array')) return source;
  }
}
