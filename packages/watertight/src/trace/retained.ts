import type { HeapGraph } from './heap-graph.ts';
import { reachFromRoot } from './reach.ts';

/** Bytes that would be free if these objects were: of everything that only they lead to, and of themselves. Two walks over the heap. */
export function retainedBytes(graph: HeapGraph, nodes: readonly number[]): number {
  const around = new Set(nodes);
  const all = reachFromRoot(graph, { code: true });
  const without = reachFromRoot(graph, { code: true, around });
  let bytes = 0;
  for (let at = 0; at < all.count; at += 1) bytes += graph.selfSize(all.order[at] as number);
  for (let at = 0; at < without.count; at += 1) {
    const node = without.order[at] as number;
    if (!around.has(node)) bytes -= graph.selfSize(node);
  }
  return bytes;
}
