import { EdgeReader } from './edges.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { HeapGraph } from './heap-graph.ts';
import { classOf } from './node-class.ts';
import { type IndependentRetainers, independentRetainers } from './retainers.ts';
import { type RetainingPath, retainingPath } from './retaining-path.ts';
import { type SourcePlace, SourcePlaces } from './source-places.ts';
import type { GrowingNode } from './types.ts';

const MAX_LOOKED_AT = 400;

/** What grows, who keeps it, and where that is written. */
export interface Finding extends GrowingNode {
  readonly path: RetainingPath | undefined;
  /** The class or function that grows; of something of Node's own, such as a timer, the first of the program's that hangs below it. */
  readonly place: SourcePlace | undefined;
  /** What stands at the place: the name of what grows itself, or of what hangs below it. */
  readonly placeOf: string;
  readonly retainers: IndependentRetainers;
  readonly fingerprint: string;
}

export interface FindingOptions {
  readonly places?: SourcePlaces;
  /** The highest id of the first heap; see {@link RetainersOptions}. */
  readonly bornAfterId?: number;
  /** Explain at most this many; default 10. Each costs up to five walks over the heap. */
  readonly maxCount?: number;
}

/** Adds the reasons to what grows. `graph` is the last of the heaps. */
export function explainGrowth(
  graph: HeapGraph,
  growing: readonly GrowingNode[],
  { places = new SourcePlaces(graph), bornAfterId, maxCount = 10 }: FindingOptions = {},
): readonly Finding[] {
  return growing.slice(0, maxCount).map((node) => {
    const path = retainingPath(graph, node.exampleNode, { places });
    const { place, at } = placeBelow(graph, node.exampleNode, places);
    return {
      ...node,
      path,
      place,
      placeOf: at === node.exampleNode ? node.className : classOf(graph, at),
      retainers: independentRetainers(graph, node.exampleNode, {
        places,
        ...(bornAfterId !== undefined && { bornAfterId }),
      }),
      fingerprint: path ? fingerprintOf(path, place) : '',
    };
  });
}

/** The highest id in a heap: whatever has a higher one was born later. Of the roots only, ids are not in the order of time. */
export function youngestId(graph: HeapGraph): number {
  const { types, ids } = graph;
  const isObject = Uint8Array.from(graph.nodeTypes, (type) => (type !== 'synthetic' && type !== 'native' ? 1 : 0));
  return ids.reduce((highest, id, node) => (id > highest && isObject[types[node] as number] === 1 ? id : highest), 0);
}

/** The nearest object at or below a node whose code is the program's own, not Node's. */
function placeBelow(
  graph: HeapGraph,
  start: number,
  places: SourcePlaces,
): { readonly place: SourcePlace | undefined; readonly at: number } {
  const edges = new EdgeReader(graph);
  const seen = new Set([start]);
  const own = places.ofNode(start);
  let nearest: { readonly place: SourcePlace; readonly at: number } | undefined;
  for (const node of seen) {
    const place = places.ofNode(node);
    if (place) nearest ??= { place, at: node };
    // What a package wrote says nothing of a function of Node's that holds it: that one is made where Node writes it.
    if (place && own && isOfPackage(place.url)) return { place: node === start ? place : own, at: start };
    if (place && !place.url.startsWith('node:')) return { place, at: node };
    if (seen.size > MAX_LOOKED_AT) continue;
    for (let edge = graph.firstEdges[node] as number; edge < (graph.firstEdges[node + 1] as number); edge += 1) {
      if (leadsInside(edges, edge)) seen.add(graph.edgeTargets[edge] as number);
    }
  }
  return nearest ?? { place: undefined, at: start };
}

function isOfPackage(url: string): boolean {
  return /[\\/]node_modules[\\/]/.test(url);
}

function leadsInside(edges: EdgeReader, edge: number): boolean {
  const kind = edges.kind(edge);
  if (kind === 'weak') return false;
  return !['__proto__', 'constructor', 'prototype', 'map', 'previous'].includes(edges.name(edge));
}
