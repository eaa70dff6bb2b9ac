import type { HeapColumns } from './heap-graph.ts';
import { JsonSkipper } from './json-skipper.ts';
import { NumberScanner, type RecordSink, type Scanned } from './number-scanner.ts';
import { EdgeSink, LocationSink, NodeSink } from './section-sinks.ts';
import { SnapshotError, showByte } from './snapshot-error.ts';
import { type SnapshotLayout, readLayout } from './snapshot-layout.ts';
import { StringScanner } from './string-scanner.ts';

const MAX_HEADER_BYTES = 1 << 20;
const MAX_KEY_BYTES = 256;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const QUOTE = 34;
const COLON = 58;
const COMMA = 44;

type Expecting =
  | 'start'
  | 'first key'
  | 'key'
  | 'inside key'
  | 'colon'
  | 'value'
  | 'inside value'
  | 'after value'
  | 'nothing';

interface Section {
  scan(bytes: Uint8Array, from: number, textOffset: number): Scanned;
}

/**
 * Takes the text of a snapshot in pieces of any size and builds the graph while it arrives. Only the two arrays of numbers and
 * the strings are kept, each in its final form; the pieces themselves can be reused as soon as `push` returns.
 */
export class SnapshotParser {
  #expecting: Expecting = 'start';
  #textOffset = 0;
  #key = '';
  #section: Section | undefined;
  #layout: SnapshotLayout | undefined;
  #nodes: NodeSink | undefined;
  #edges: EdgeSink | undefined;
  #locations: LocationSink | undefined;
  #strings: StringScanner | undefined;

  /** @throws {@link SnapshotError} at the first byte that no heap snapshot has there. */
  push(bytes: Uint8Array): void {
    let position = 0;
    while (position < bytes.length) {
      if (this.#expecting === 'inside value' && this.#section) {
        const scanned = this.#section.scan(bytes, position, this.#textOffset);
        position = scanned.position;
        if (scanned.ended) this.#endSection(this.#textOffset + position);
        continue;
      }
      if (!this.#structure(bytes[position] as number, this.#textOffset + position)) continue;
      position += 1;
    }
    this.#textOffset += bytes.length;
  }

  /** @throws {@link SnapshotError} when the text has not ended, or parts of a snapshot were missing or do not fit each other. */
  end(): HeapColumns {
    const at = this.#textOffset;
    if (this.#expecting === 'start') throw new SnapshotError('the heap snapshot is empty', at);
    if (this.#expecting !== 'nothing') {
      const where = this.#key === '' ? '' : ` within or behind "${this.#key}"`;
      throw new SnapshotError(`the heap snapshot is cut off${where}`, at);
    }
    const [layout, nodes, edges, strings] = [this.#layout, this.#nodes, this.#edges, this.#strings];
    if (!layout || !nodes || !edges || !strings) {
      const missing = Object.entries({ snapshot: layout, nodes, edges, strings }).find(([, part]) => !part)?.[0];
      throw new SnapshotError(`not a heap snapshot: it has no "${missing}"`, at);
    }
    if (layout.nodeCount === 0) throw new SnapshotError('the heap snapshot has no nodes', at);
    return {
      layout,
      types: nodes.types,
      names: nodes.names,
      ids: nodes.ids,
      sizes: nodes.sizes,
      hugeSizes: nodes.hugeSizes,
      firstEdges: nodes.firstEdges,
      edgeTargets: edges.targets,
      edgeLabels: edges.labels,
      strings: strings.take(),
      locations: (this.#locations ?? new LocationSink(layout)).finish(),
    };
  }

  /** Answers whether the byte was used up. */
  #structure(byte: number, at: number): boolean {
    if (this.#expecting === 'inside key') {
      if (byte === QUOTE) this.#expecting = 'colon';
      else this.#key += String.fromCharCode(byte);
      if (this.#key.length > MAX_KEY_BYTES) throw new SnapshotError('not a heap snapshot: a key without end', at);
      return true;
    }
    if (byte === 10 || byte === 32 || byte === 13 || byte === 9) return true;
    switch (this.#expecting) {
      case 'start':
        this.#demand(byte, OPEN_BRACE, at);
        this.#expecting = 'first key';
        return true;
      case 'first key':
      case 'key':
        if (byte === CLOSE_BRACE && this.#expecting === 'first key') this.#expecting = 'nothing';
        else {
          this.#demand(byte, QUOTE, at);
          this.#key = '';
          this.#expecting = 'inside key';
        }
        return true;
      case 'colon':
        this.#demand(byte, COLON, at);
        this.#expecting = 'value';
        return true;
      case 'value':
        return this.#beginSection(byte, at);
      case 'after value':
        if (byte === COMMA) this.#expecting = 'key';
        else {
          this.#demand(byte, CLOSE_BRACE, at);
          this.#expecting = 'nothing';
        }
        return true;
      case 'inside value':
      case 'nothing':
        throw new SnapshotError(`unexpected ${showByte(byte)} behind the heap snapshot`, at);
    }
  }

  #demand(byte: number, wanted: number, at: number): void {
    if (byte === wanted) return;
    throw new SnapshotError(`not a heap snapshot: expected ${showByte(wanted)}, found ${showByte(byte)}`, at);
  }

  #beginSection(byte: number, at: number): boolean {
    this.#expecting = 'inside value';
    if (this.#key === 'snapshot') {
      this.#section = this.#header(at);
      return false;
    }
    const wanted = this.#arrayScanner(at);
    this.#section = wanted ?? skipper();
    if (!wanted) return false;
    this.#demand(byte, OPEN_BRACKET, at);
    return true;
  }

  #arrayScanner(at: number): Section | undefined {
    if (!['nodes', 'edges', 'locations', 'strings'].includes(this.#key)) return undefined;
    if (this.#key === 'strings') return (this.#strings = new StringScanner());
    const layout = this.#layout;
    if (!layout) throw new SnapshotError(`not a heap snapshot: "${this.#key}" stands before "snapshot"`, at);
    if (this.#key === 'locations') {
      if (!layout.location) return undefined;
      this.#locations = new LocationSink(layout);
      return new NumberScanner('locations', layout.locationFieldCount, this.#locations);
    }
    const sink = this.#sinkWithRoom(layout, at);
    return new NumberScanner(this.#key, this.#key === 'nodes' ? layout.nodeFieldCount : layout.edgeFieldCount, sink);
  }

  #sinkWithRoom(layout: SnapshotLayout, at: number): RecordSink {
    try {
      if (this.#key === 'nodes') return (this.#nodes = new NodeSink(layout));
      return (this.#edges = new EdgeSink(layout));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const what = `no memory for the ${layout.nodeCount} nodes and ${layout.edgeCount} edges that the header announces`;
      throw new SnapshotError(what, at);
    }
  }

  #header(textOffset: number): Section {
    const skip = new JsonSkipper();
    const parts: string[] = [];
    const decoder = new TextDecoder();
    let byteCount = 0;
    return {
      scan: (bytes, from) => {
        const end = skip.scan(bytes, from);
        const part = bytes.subarray(from, end === -1 ? bytes.length : end);
        parts.push(decoder.decode(part, { stream: true }));
        byteCount += part.length;
        if (byteCount > MAX_HEADER_BYTES)
          throw new SnapshotError(`not a heap snapshot: its header is over ${MAX_HEADER_BYTES} bytes`, textOffset);
        if (end === -1) return { position: bytes.length, ended: false };
        this.#layout = readLayout(parts.join(''), textOffset);
        return { position: end, ended: true };
      },
    };
  }

  #endSection(at: number): void {
    this.#section = undefined;
    this.#expecting = 'after value';
    const layout = this.#layout;
    if (this.#key === 'nodes' && layout) compare('nodes', this.#nodes?.count, layout.nodeCount, at);
    if (this.#key !== 'edges' || !layout || !this.#edges) return;
    compare('edges', this.#edges.count, layout.edgeCount, at);
    compare('edges', this.#edges.count, this.#nodes?.edgeCount, at);
    if (this.#edges.firstAstray !== -1)
      throw new SnapshotError(`edge ${this.#edges.firstAstray} leads to no node of the snapshot`, at);
  }
}

function compare(what: string, seen: number | undefined, announced: number | undefined, at: number): void {
  if (seen === announced) return;
  throw new SnapshotError(`the heap snapshot announces ${announced} ${what} and has ${seen}`, at);
}

function skipper(): Section {
  const skip = new JsonSkipper();
  return {
    scan: (bytes, from) => {
      const end = skip.scan(bytes, from);
      return { position: end === -1 ? bytes.length : end, ended: end !== -1 };
    },
  };
}
