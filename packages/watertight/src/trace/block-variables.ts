import type { EdgeReader } from './edges.ts';
import type { HeapGraph } from './heap-graph.ts';
import { scopeInfoOf } from './scopes.ts';

const CONTEXT = 'system / Context';

/**
 * The variable of a block, such as the branch of an `if`, that an edge of its context is. V8 names the variables of functions and modules
 * alone; those of a block stand in their order, without those whose value is a small integer, and their names in the same order in
 * the description of the block. `undefined` where it is no such edge, or one of several that it may be.
 */
export function blockVariable(graph: HeapGraph, edges: EdgeReader, source: number, edge: number): string | undefined {
  if (!isSlot(graph, edge) || graph.name(source) !== CONTEXT) return undefined;
  const names = namesIn(graph, edges, source);
  const slots = slotsOf(graph, source);
  return names.length === slots.length ? names[slots.indexOf(edge)] : undefined;
}

function namesIn(graph: HeapGraph, edges: EdgeReader, context: number): readonly string[] {
  const scopeInfo = scopeInfoOf(graph, edges, context);
  if (scopeInfo === undefined) return [];
  const targets = slotsOf(graph, scopeInfo).map((edge) => graph.edgeTargets[edge] as number);
  return targets.filter((node) => graph.typeName(node) === 'string').map((node) => graph.name(node));
}

function slotsOf(graph: HeapGraph, node: number): readonly number[] {
  const slots: number[] = [];
  const end = graph.firstEdges[node + 1] as number;
  for (let edge = graph.firstEdges[node] as number; edge < end; edge += 1) if (isSlot(graph, edge)) slots.push(edge);
  return slots;
}

function isSlot(graph: HeapGraph, edge: number): boolean {
  return graph.edgeTypes[graph.edgeType(edge)] === 'hidden';
}
