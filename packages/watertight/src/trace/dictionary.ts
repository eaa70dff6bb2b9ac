import type { EdgeReader } from './edges.ts';
import type { HeapGraph } from './heap-graph.ts';

/** Above this many properties of one class an object is a dictionary, and its keys are all alike. */
const MIN_KEYS = 16;
const NONE: ReadonlySet<never> = new Set<never>();

/** Whoever knows the class of a node. An object, as a function made anew for each heap would be compiled anew too. */
export interface Classes<Class> {
  classOf(node: number): Class;
}

/**
 * The classes of which an object has so many under names of its own that the names are data: `users[id] = …`. Functions of one name are
 * of one class; those of a module have many names.
 */
export function dictionaryClasses<Class>(
  graph: HeapGraph,
  edges: EdgeReader,
  node: number,
  classes: Classes<Class>,
): ReadonlySet<Class> {
  const first = graph.firstEdges[node] as number;
  const end = graph.firstEdges[node + 1] as number;
  if (end - first <= MIN_KEYS) return NONE;
  const counts = new Map<Class, number>();
  for (let edge = first; edge < end; edge += 1) {
    if (edges.kind(edge) !== 'property') continue;
    const target = graph.edgeTargets[edge] as number;
    const ofClass = classes.classOf(target);
    counts.set(ofClass, (counts.get(ofClass) ?? 0) + 1);
  }
  return new Set([...counts].filter(([, count]) => count > MIN_KEYS).map(([ofClass]) => ofClass));
}
