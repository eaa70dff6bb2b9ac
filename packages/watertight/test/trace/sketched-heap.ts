import { Readable } from 'node:stream';

import { readSnapshot } from '../../src/trace/snapshot-reader.ts';
import type { HeapGraph } from '../../src/trace/heap-graph.ts';

const NODE_TYPES = [
  'hidden',
  'array',
  'string',
  'object',
  'code',
  'closure',
  'synthetic',
  'native',
  'object shape',
] as const;
const EDGE_TYPES = ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'] as const;

type NodeType = (typeof NODE_TYPES)[number];
type EdgeType = (typeof EDGE_TYPES)[number];

/** Orders of fields that were seen in the wild. */
export const LAYOUTS = {
  'Node 20': ['type', 'name', 'id', 'self_size', 'edge_count', 'trace_node_id', 'detachedness'],
  'Node 24': ['type', 'name', 'id', 'self_size', 'edge_count', 'detachedness'],
  'oldest Chrome': ['type', 'name', 'id', 'self_size', 'edge_count'],
} as const;

interface Sketched {
  readonly type: NodeType;
  readonly name: string;
  readonly size: number;
  readonly edges: { readonly type: EdgeType; readonly name: string | number; readonly to: number }[];
  readonly location: readonly [script: number, line: number, column: number] | undefined;
}

/** A heap drawn by hand, for tests. Node 0 is the root; edges of the root lead to globals. */
export class SketchedHeap {
  readonly #nodes: Sketched[] = [{ type: 'synthetic', name: '', size: 0, edges: [], location: undefined }];
  readonly root = 0;
  #firstId = 1;

  /** Ids of the nodes begin here, two apart. */
  startIdsAt(id: number): this {
    this.#firstId = id;
    return this;
  }

  node(type: NodeType, name: string, size = 16, location?: readonly [number, number, number]): number {
    this.#nodes.push({ type, name, size, edges: [], location });
    return this.#nodes.length - 1;
  }

  object(name: string, size = 16): number {
    return this.node('object', name, size);
  }

  hold(from: number, type: EdgeType, name: string | number, to: number): this {
    this.#nodes[from]?.edges.push({ type, name, to });
    return this;
  }

  /** A holder of the root's, by a property. */
  global(name: string, className: string): number {
    const node = this.object(className);
    this.hold(this.root, 'property', name, node);
    return node;
  }

  text(layout: keyof typeof LAYOUTS = 'Node 20'): string {
    const fields: readonly string[] = LAYOUTS[layout];
    const strings: string[] = [];
    const indexes = new Map<string, number>();
    const index = (text: string): number => {
      const known = indexes.get(text);
      if (known !== undefined) return known;
      indexes.set(text, strings.length);
      return strings.push(text) - 1;
    };
    const row = (node: Sketched, at: number): number[] => {
      const values: Readonly<Record<string, number>> = {
        type: NODE_TYPES.indexOf(node.type),
        name: index(node.name),
        id: this.#firstId + 2 * at,
        self_size: node.size,
        edge_count: node.edges.length,
      };
      return fields.map((field) => values[field] ?? 0);
    };
    const nodes = this.#nodes.flatMap(row);
    const edges = this.#nodes.flatMap((node) =>
      node.edges.flatMap(({ type, name, to }) => [
        EDGE_TYPES.indexOf(type),
        typeof name === 'number' ? name : index(name),
        to * fields.length,
      ]),
    );
    const locations = this.#nodes.flatMap(({ location }, at) => (location ? [at * fields.length, ...location] : []));
    const meta = {
      node_fields: fields,
      node_types: [NODE_TYPES, 'string', 'number', 'number', 'number'],
      edge_fields: ['type', 'name_or_index', 'to_node'],
      edge_types: [EDGE_TYPES, 'string_or_number', 'node'],
      location_fields: ['object_index', 'script_id', 'line', 'column'],
    };
    return [
      `{"snapshot":${JSON.stringify({ meta, node_count: this.#nodes.length, edge_count: edges.length / 3 })}`,
      `"nodes":[${nodes.join(',')}]`,
      `"edges":[${edges.join('\n,')}]`,
      `"trace_function_infos":[]`,
      `"trace_tree":[{"a]":["}\\""]}]`,
      `"samples":[]`,
      `"locations":[${locations.join(',')}]`,
      `"strings":${JSON.stringify(strings)}}`,
    ].join(',\n');
  }

  async graph(layout?: keyof typeof LAYOUTS): Promise<HeapGraph> {
    return readSnapshot(inPieces(new TextEncoder().encode(this.text(layout)), 1 << 16));
  }
}

/** The text as it might arrive: in pieces of so many bytes. */
export function inPieces(bytes: Uint8Array, pieceBytes: number): Readable {
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += pieceBytes) pieces.push(bytes.subarray(from, from + pieceBytes));
  return Readable.from(pieces);
}
