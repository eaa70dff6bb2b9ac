import { packEdgeLabel } from './heap-graph.ts';
import { LOCATION_COLUMNS } from './location-table.ts';
import type { RecordSink } from './number-scanner.ts';
import type { SnapshotLayout } from './snapshot-layout.ts';

const MAX_UINT32 = 0xffff_ffff;

/** Puts the fields of nodes into columns, and adds their numbers of edges up. */
export class NodeSink implements RecordSink {
  readonly types: Uint8Array<ArrayBuffer>;
  readonly names: Uint32Array<ArrayBuffer>;
  readonly ids: Uint32Array<ArrayBuffer>;
  readonly sizes: Uint32Array<ArrayBuffer>;
  readonly hugeSizes = new Map<number, number>();
  readonly firstEdges: Uint32Array<ArrayBuffer>;
  readonly #layout: SnapshotLayout;
  count = 0;
  edgeCount = 0;

  constructor(layout: SnapshotLayout) {
    this.#layout = layout;
    this.types = new Uint8Array(layout.nodeCount);
    this.names = new Uint32Array(layout.nodeCount);
    this.ids = new Uint32Array(layout.nodeCount);
    this.sizes = new Uint32Array(layout.nodeCount);
    this.firstEdges = new Uint32Array(layout.nodeCount + 1);
  }

  take(values: Float64Array, count: number): void {
    const { nodeFieldCount, node } = this.#layout;
    const { types, names, ids, sizes, firstEdges } = this;
    let index = this.count;
    let edges = this.edgeCount;
    for (let base = 0; base < count; base += nodeFieldCount) {
      // More nodes than announced are written nowhere, and counted: the reader compares.
      types[index] = values[base + node.type] as number;
      names[index] = values[base + node.name] as number;
      ids[index] = values[base + node.id] as number;
      const size = values[base + node.self_size] as number;
      if (size < MAX_UINT32) sizes[index] = size;
      else {
        sizes[index] = MAX_UINT32;
        this.hugeSizes.set(index, size);
      }
      edges += values[base + node.edge_count] as number;
      index += 1;
      firstEdges[index] = edges;
    }
    this.count = index;
    this.edgeCount = edges;
  }
}

/** Puts the fields of edges into columns. */
export class EdgeSink implements RecordSink {
  readonly targets: Uint32Array<ArrayBuffer>;
  readonly labels: Uint32Array<ArrayBuffer>;
  readonly #layout: SnapshotLayout;
  count = 0;
  /** The first edge that leads to no node, or -1. */
  firstAstray = -1;

  constructor(layout: SnapshotLayout) {
    this.#layout = layout;
    this.targets = new Uint32Array(layout.edgeCount);
    this.labels = new Uint32Array(layout.edgeCount);
  }

  take(values: Float64Array, count: number): void {
    const { edgeFieldCount, edge, nodeFieldCount, nodeCount } = this.#layout;
    const { targets, labels } = this;
    let index = this.count;
    for (let base = 0; base < count; base += edgeFieldCount) {
      const target = (values[base + edge.to_node] as number) / nodeFieldCount;
      if (target >= nodeCount || target !== Math.floor(target)) this.firstAstray = index;
      targets[index] = target;
      labels[index] = packEdgeLabel(values[base + edge.type] as number, values[base + edge.name_or_index] as number);
      index += 1;
    }
    this.count = index;
  }
}

/** Keeps where functions and constructors are written. */
export class LocationSink implements RecordSink {
  readonly #blocks: Uint32Array[] = [];
  readonly #layout: SnapshotLayout;

  constructor(layout: SnapshotLayout) {
    this.#layout = layout;
  }

  take(values: Float64Array, count: number): void {
    const { locationFieldCount, location, nodeFieldCount } = this.#layout;
    if (!location) return;
    const block = new Uint32Array((count / locationFieldCount) * LOCATION_COLUMNS);
    let at = 0;
    for (let base = 0; base < count; base += locationFieldCount) {
      block[at] = (values[base + location.object_index] as number) / nodeFieldCount;
      block[at + 1] = values[base + location.script_id] as number;
      block[at + 2] = values[base + location.line] as number;
      block[at + 3] = values[base + location.column] as number;
      at += LOCATION_COLUMNS;
    }
    this.#blocks.push(block);
  }

  finish(): Uint32Array<ArrayBuffer> {
    const rows = new Uint32Array(this.#blocks.reduce((length, block) => length + block.length, 0));
    let filled = 0;
    for (const block of this.#blocks) {
      rows.set(block, filled);
      filled += block.length;
    }
    return rows;
  }
}
