import { type Classes, dictionaryClasses } from './dictionary.ts';
import { EdgeReader } from './edges.ts';
import type { HeapGraph } from './heap-graph.ts';
import { classOf, classOfType, isTextOfNumber } from './node-class.ts';
import { PathTrie } from './path-trie.ts';
import { shortestPaths, sourceOf } from './reach.ts';

/** What an entry of a collection is called, whichever. */
export const ELEMENT = '[…]';
const NOT_YET = -1;

/** How many objects and bytes stood at each path of one heap; by number of the path in the trie. */
export interface Census {
  readonly counts: Uint32Array;
  readonly bytes: Float64Array;
  /** The youngest object of each path; 0 where there is none. */
  readonly youngest: Uint32Array;
}

/** Sorts the objects of heaps by the way they are reached, in one trie for all heaps; identities play no part in it. */
export class PathCensus {
  readonly trie = new PathTrie();
  readonly #words = new Words();

  word(id: number): string {
    return this.#words.of(id);
  }

  /** The steps to a path, as labels and classes. */
  signature(path: number): readonly string[] {
    const steps: string[] = [];
    for (let at = path; at !== 0; at = this.trie.parent(at))
      steps.push(`${this.word(this.trie.label(at))} → ${this.word(this.trie.classId(at))}`);
    return steps.toReversed();
  }

  /** Visits every reachable object once, along the shortest paths. */
  take(graph: HeapGraph): Census {
    const { order, count, parentEdges, outOfTurn } = shortestPaths(graph);
    const { trie } = this;
    const { firstEdges } = graph;
    const labels = new Labels(graph, this.#words);
    const paths = new Uint32Array(graph.nodeCount);
    /** Nodes were reached in the order of their holders, but for those out of turn. */
    let turn = 0;
    let holder = order[0] as number;
    let nextOutOfTurn = 0;
    for (let at = 1; at < count; at += 1) {
      const node = order[at] as number;
      const edge = parentEdges[node] as number;
      let source = holder;
      if (outOfTurn[nextOutOfTurn] === at) {
        nextOutOfTurn += 1;
        source = sourceOf(graph, edge);
      } else {
        while (edge < (firstEdges[holder] as number) || edge >= (firstEdges[holder + 1] as number)) {
          turn += 1;
          holder = order[turn] as number;
        }
        source = holder;
      }
      if (isTextOfNumber(graph, node)) continue;
      labels.begin(source);
      const classId = labels.classOf(node);
      paths[node] = trie.child(paths[source] as number, labels.labelOf(edge, classId), classId);
    }
    return countUp(graph, paths, trie.count);
  }
}

/** Every word once, with a number. */
class Words {
  readonly #texts: string[] = [''];
  readonly #ids = new Map<string, number>([['', 0]]);

  of(id: number): string {
    return this.#texts[id] ?? '';
  }

  idOf(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#texts.length;
    this.#texts.push(text);
    this.#ids.set(text, id);
    return id;
  }
}

function countUp(graph: HeapGraph, paths: Uint32Array, pathCount: number): Census {
  const counts = new Uint32Array(pathCount);
  const bytes = new Float64Array(pathCount);
  const youngest = new Uint32Array(pathCount);
  for (let node = 1; node < graph.nodeCount; node += 1) {
    const path = paths[node] as number;
    if (path === 0) continue;
    counts[path] = (counts[path] as number) + 1;
    bytes[path] = (bytes[path] as number) + graph.selfSize(node);
    if (graph.id(node) > graph.id(youngest[path] as number)) youngest[path] = node;
  }
  return { counts, bytes, youngest };
}

/** The words for edges and nodes of one graph, each looked up once by its number there. */
class Labels implements Classes<number> {
  readonly #graph: HeapGraph;
  readonly #edges: EdgeReader;
  readonly #words: Words;
  /** A closure and an object of the same name are not the same class. */
  readonly #classByName: Readonly<Record<'closure' | 'other', Int32Array>>;
  readonly #classByType: Int32Array;
  /** Names of properties and of variables apart: `size` the one is not `size` the other. */
  readonly #labelByName: Readonly<Record<'property' | 'variable' | 'other', Int32Array>>;
  readonly #element: number;
  readonly #closureType: number;
  #node = NOT_YET;
  /** Of the node, as soon as it matters. */
  #dictionaryClasses: ReadonlySet<number> | undefined;

  constructor(graph: HeapGraph, words: Words) {
    this.#graph = graph;
    this.#words = words;
    this.#edges = new EdgeReader(graph);
    const names = (): Int32Array => new Int32Array(graph.strings.count).fill(NOT_YET);
    this.#classByName = { closure: names(), other: names() };
    this.#classByType = Int32Array.from(graph.nodeTypes, (type) => {
      const fixed = classOfType(type);
      return fixed === undefined ? NOT_YET : words.idOf(fixed);
    });
    this.#labelByName = { property: names(), variable: names(), other: names() };
    this.#element = words.idOf(ELEMENT);
    this.#closureType = graph.nodeTypes.indexOf('closure');
  }

  /** The edges that are asked for next are those of this node. */
  begin(node: number): void {
    if (node === this.#node) return;
    this.#node = node;
    this.#dictionaryClasses = undefined;
  }

  classOf(node: number): number {
    const byType = this.#classByType[this.#graph.types[node] as number] as number;
    if (byType !== NOT_YET) return byType;
    const name = this.#graph.nameIndexes[node] as number;
    const cache = this.#classByName[this.#graph.types[node] === this.#closureType ? 'closure' : 'other'];
    const known = cache[name] as number;
    if (known !== NOT_YET) return known;
    return (cache[name] = this.#words.idOf(classOf(this.#graph, node)));
  }

  #isDictionaryClass(classId: number): boolean {
    this.#dictionaryClasses ??= dictionaryClasses(this.#graph, this.#edges, this.#node, this);
    return this.#dictionaryClasses.has(classId);
  }

  labelOf(edge: number, classId: number): number {
    const kind = this.#edges.kind(edge);
    if (kind === 'element' || kind === 'weak map entry') return this.#element;
    if (kind === 'property' && this.#isDictionaryClass(classId)) return this.#element;
    const name = this.#graph.edgeNameOrIndex(edge);
    const cache = this.#labelByName[kind === 'property' || kind === 'variable' ? kind : 'other'];
    const known = cache[name] as number;
    if (known !== NOT_YET) return known;
    return (cache[name] = this.#words.idOf(`${kind} ${this.#graph.strings.get(name)}`));
  }
}
