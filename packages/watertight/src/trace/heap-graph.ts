import { LocationTable, type ScriptLocation } from './location-table.ts';
import type { SnapshotLayout } from './snapshot-layout.ts';
import { StringTable, type StringColumns } from './string-table.ts';

const EDGE_TYPE_SHIFT = 29;
const EDGE_NAME_MASK = 2 ** EDGE_TYPE_SHIFT - 1;

/** What the readers of the sections hand over: plain numbers, which can go from one thread to another as they are. */
export interface HeapColumns {
  readonly layout: SnapshotLayout;
  readonly types: Uint8Array<ArrayBuffer>;
  readonly names: Uint32Array<ArrayBuffer>;
  readonly ids: Uint32Array<ArrayBuffer>;
  readonly sizes: Uint32Array<ArrayBuffer>;
  /** Sizes that do not fit 32 bits, by node; `sizes` has 2³²-1 there. */
  readonly hugeSizes: ReadonlyMap<number, number>;
  /** The edges of node `n` are `firstEdges[n]` up to `firstEdges[n + 1]`. */
  readonly firstEdges: Uint32Array<ArrayBuffer>;
  readonly edgeTargets: Uint32Array<ArrayBuffer>;
  readonly edgeLabels: Uint32Array<ArrayBuffer>;
  readonly strings: StringColumns;
  /** Rows of node, script, line, column. */
  readonly locations: Uint32Array<ArrayBuffer>;
}

/**
 * The objects of one heap and what each holds, as a snapshot shows them. Nodes are numbered from 0, the root; edges from 0.
 * Takes 17 bytes a node and 8 an edge. Nothing checks a number that is no node's: the loops over millions of them go through here.
 */
export class HeapGraph {
  readonly nodeCount: number;
  readonly edgeCount: number;
  readonly nodeTypes: readonly string[];
  readonly edgeTypes: readonly string[];
  readonly strings: StringTable;
  readonly types: Uint8Array;
  readonly nameIndexes: Uint32Array;
  readonly ids: Uint32Array;
  readonly firstEdges: Uint32Array;
  readonly edgeTargets: Uint32Array;
  readonly #edgeLabels: Uint32Array;
  readonly #sizes: Uint32Array;
  readonly #hugeSizes: ReadonlyMap<number, number>;
  readonly #locations: LocationTable;

  constructor(columns: HeapColumns) {
    this.nodeCount = columns.types.length;
    this.edgeCount = columns.edgeTargets.length;
    this.nodeTypes = columns.layout.nodeTypes;
    this.edgeTypes = columns.layout.edgeTypes;
    this.strings = new StringTable(columns.strings);
    this.types = columns.types;
    this.nameIndexes = columns.names;
    this.ids = columns.ids;
    this.firstEdges = columns.firstEdges;
    this.edgeTargets = columns.edgeTargets;
    this.#edgeLabels = columns.edgeLabels;
    this.#sizes = columns.sizes;
    this.#hugeSizes = columns.hugeSizes;
    this.#locations = new LocationTable(columns.locations);
  }

  name(node: number): string {
    return this.strings.get(this.nameIndexes[node] as number);
  }

  typeName(node: number): string {
    return this.nodeTypes[this.types[node] as number] ?? '';
  }

  id(node: number): number {
    return this.ids[node] as number;
  }

  /** Bytes of the object alone, without what it holds. */
  selfSize(node: number): number {
    const size = this.#sizes[node] as number;
    return size === 0xffff_ffff ? (this.#hugeSizes.get(node) ?? size) : size;
  }

  /** The number of an edge's type; its word is in `edgeTypes`. */
  edgeType(edge: number): number {
    return (this.#edgeLabels[edge] as number) >>> EDGE_TYPE_SHIFT;
  }

  /** An index into `strings`, or the index of an element when the edge's type is `element` or `hidden`. */
  edgeNameOrIndex(edge: number): number {
    return (this.#edgeLabels[edge] as number) & EDGE_NAME_MASK;
  }

  edgeTypeName(edge: number): string {
    return this.edgeTypes[this.edgeType(edge)] ?? '';
  }

  /** Where the function of a closure, or the constructor of an object, is written. */
  location(node: number): ScriptLocation | undefined {
    return this.#locations.of(node);
  }

  /** What {@link location} would say is written in this script. */
  nodesOfScript(scriptId: number): Iterable<number> {
    return this.#locations.nodesOfScript(scriptId);
  }

  /** The node with this id, as Chrome shows it behind an `@`; -1 when there is none. */
  nodeWithId(id: number): number {
    return this.ids.indexOf(id);
  }
}

/** An edge's type and its name or index in 32 bits, as a column of unsigned numbers takes them: with its sign. */
export function packEdgeLabel(type: number, nameOrIndex: number): number {
  return (type << EDGE_TYPE_SHIFT) | Math.min(nameOrIndex, EDGE_NAME_MASK);
}
