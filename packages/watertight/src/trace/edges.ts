import type { HeapGraph } from './heap-graph.ts';

/** How one object holds another. */
export type EdgeKind =
  | 'property'
  /** A variable of an enclosing function, kept by a closure. */
  | 'variable'
  /** An array index, a map or set entry: which one does not matter. */
  | 'element'
  /** Something of V8 or Node that has no name in the program. */
  | 'internal'
  | 'shortcut'
  /** The value of a `WeakMap` entry, held as long as its key lives. */
  | 'weak map entry'
  | 'weak';

const KINDS: Readonly<Record<string, EdgeKind>> = {
  context: 'variable',
  element: 'element',
  property: 'property',
  internal: 'internal',
  hidden: 'element',
  shortcut: 'shortcut',
  weak: 'weak',
};

const EPHEMERON = /^\d+ \/ part of key \(.*@\d+\) -> value \(.*@\d+\) pair in WeakMap \(table @(\d+)\)$/s;

/** By graph, then by index of the string: 0 not looked at, 1 a name, 2 a number, 3 an entry of a weak map. */
const shapes = new WeakMap<HeapGraph, Uint8Array>();

/** Reads the edges of one graph: what kind each is, what it is called, and whether it keeps its target alive. */
export class EdgeReader {
  readonly #graph: HeapGraph;
  readonly #kinds: readonly EdgeKind[];
  readonly #nameShapes: Uint8Array;

  constructor(graph: HeapGraph) {
    this.#graph = graph;
    this.#kinds = graph.edgeTypes.map((type) => KINDS[type] ?? 'internal');
    this.#nameShapes = shapes.get(graph) ?? new Uint8Array(graph.strings.count);
    shapes.set(graph, this.#nameShapes);
  }

  kind(edge: number): EdgeKind {
    const kind = this.#kinds[this.#graph.edgeType(edge)] ?? 'internal';
    if (kind !== 'internal') return kind;
    const shape = this.#nameShape(this.#graph.edgeNameOrIndex(edge));
    if (shape === 3) return 'weak map entry';
    return shape === 2 ? 'element' : 'internal';
  }

  /** The index of its name among the strings; -1 for elements and entries, which are all alike. */
  nameIndex(edge: number): number {
    const kind = this.kind(edge);
    return kind === 'element' || kind === 'weak map entry' ? -1 : this.#graph.edgeNameOrIndex(edge);
  }

  name(edge: number): string {
    const index = this.nameIndex(edge);
    return index === -1 ? '' : this.#graph.strings.get(index);
  }

  /** The table of a `WeakMap` holds its values only together with their keys: V8 writes that edge at the key too. */
  isTableOfWeakMap(node: number, edge: number): boolean {
    return this.kind(edge) === 'weak map entry' && this.tableIdOf(edge) === this.#graph.id(node);
  }

  /** The id of the table of an entry of a weak map; `undefined` where its name was cut, and has lost it. */
  tableIdOf(entry: number): number | undefined {
    const table = EPHEMERON.exec(this.#graph.strings.get(this.#graph.edgeNameOrIndex(entry)))?.[1];
    return table === undefined ? undefined : Number(table);
  }

  #nameShape(index: number): number {
    const known = this.#nameShapes[index] ?? 0;
    if (known !== 0) return known;
    const shape = this.#lookAtName(index);
    this.#nameShapes[index] = shape;
    return shape;
  }

  /** Most are numbers or begin with a letter: nothing is decoded for them. */
  #lookAtName(index: number): number {
    const { strings } = this.#graph;
    const digitCount = strings.leadingDigits(index);
    if (digitCount === 0) return 1;
    if (digitCount === strings.byteLength(index)) return 2;
    return EPHEMERON.test(strings.get(index)) ? 3 : 1;
  }
}
