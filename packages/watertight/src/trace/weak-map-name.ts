import type { EdgeReader } from './edges.ts';
import type { HeapGraph } from './heap-graph.ts';
import { sourceOf } from './reach.ts';

/** The variable or property that holds the WeakMap of which an edge is an entry; '' where none does. */
export function weakMapName(graph: HeapGraph, edges: EdgeReader, entry: number): string {
  const tableId = edges.tableIdOf(entry);
  const table = tableId === undefined ? -1 : graph.nodeWithId(tableId);
  if (table === -1) return '';
  const map = holdersOf(graph, table).find(({ source }) => graph.name(source) === 'WeakMap')?.source;
  if (map === undefined) return '';
  const named = holdersOf(graph, map).filter(({ edge }) => ['variable', 'property'].includes(edges.kind(edge)));
  const best = named.find(({ edge }) => edges.kind(edge) === 'variable') ?? named[0];
  return best === undefined ? '' : edges.name(best.edge);
}

function holdersOf(graph: HeapGraph, node: number): readonly { readonly edge: number; readonly source: number }[] {
  const holders: { readonly edge: number; readonly source: number }[] = [];
  for (let edge = graph.edgeTargets.indexOf(node); edge !== -1; edge = graph.edgeTargets.indexOf(node, edge + 1))
    holders.push({ edge, source: sourceOf(graph, edge) });
  return holders;
}
