import { blockVariable } from './block-variables.ts';
import { dictionaryClasses } from './dictionary.ts';
import { type EdgeKind, EdgeReader } from './edges.ts';
import type { HeapGraph } from './heap-graph.ts';
import { classOf, isInternalClass } from './node-class.ts';
import { NO_EDGE, type Reach, reachFromRoot, shortestPaths, sourceOf } from './reach.ts';
import { type SourcePlace, SourcePlaces } from './source-places.ts';
import { scopeOf } from './scopes.ts';
import { weakMapName } from './weak-map-name.ts';

/** One step of a path: how the object before holds this one, and what this one is. */
export interface PathStep {
  readonly node: number;
  readonly id: number;
  readonly kind: EdgeKind;
  /** Name of the property or variable, of an entry that of its WeakMap; '' where there is none. */
  readonly name: string;
  readonly className: string;
  readonly selfBytes: number;
  /** How many steps of V8 or Node, or repeats of a list, were left out before this one. */
  readonly foldedCount: number;
  /** Where the function, or the class of the object, is written. */
  readonly place: SourcePlace | undefined;
  /** For a variable: the function in which it is declared, and where, as far as that can be told. */
  readonly scope: VariableScope | undefined;
}

export interface VariableScope {
  /** `module scope`, or the name of the function. */
  readonly name: string;
  /** The declaration when its source could be read; else the start of the function or the file alone. */
  readonly place: SourcePlace | undefined;
  /** Of a variable of Node's own, whose source is nowhere to be read, its script: `node:internal/timers`. */
  readonly ofNode?: string;
}

export interface RetainingPath {
  /** From the first holder that a program can name to the survivor. */
  readonly steps: readonly PathStep[];
  /** What holds the first step: `(global)`, or the name of a root such as `(Global handles)`. */
  readonly root: string;
}

export interface RetainingPathOptions {
  /** Default: the shortest paths of the graph. */
  readonly reach?: Reach;
  /** Where the scripts are; default: as the snapshot itself says. */
  readonly places?: SourcePlaces;
}

/** One edge of the raw path. */
export interface RawStep {
  readonly edge: number;
  readonly source: number;
  readonly target: number;
}

/** The way from the root to a node, or `undefined` when nothing but weak references leads there. */
export function retainingPath(
  graph: HeapGraph,
  node: number,
  { reach, places = new SourcePlaces(graph) }: RetainingPathOptions = {},
): RetainingPath | undefined {
  const raw = rawPath(graph, node, reach ?? shortestPaths(graph)) ?? rawPath(graph, node, throughCode(graph, node));
  if (!raw) return undefined;
  return new Folding(graph, places).fold(raw);
}

function throughCode(graph: HeapGraph, node: number): Reach {
  return reachFromRoot(graph, { code: true, until: node });
}

/** Every edge from the root to the node; `undefined` when it was not reached. */
export function rawPath(graph: HeapGraph, node: number, reach: Reach): RawStep[] | undefined {
  const steps: RawStep[] = [];
  let target = node;
  while (target !== 0) {
    const edge = reach.parentEdges[target];
    if (edge === undefined || edge === NO_EDGE) return undefined;
    const source = sourceOf(graph, edge);
    steps.push({ edge, source, target });
    target = source;
  }
  return steps.toReversed();
}

class Folding {
  readonly #graph: HeapGraph;
  readonly #places: SourcePlaces;
  readonly #edges: EdgeReader;

  constructor(graph: HeapGraph, places: SourcePlaces) {
    this.#graph = graph;
    this.#places = places;
    this.#edges = new EdgeReader(graph);
  }

  fold(raw: readonly RawStep[]): RetainingPath {
    const steps: PathStep[] = [];
    let root = '(global)';
    let foldedCount = 0;
    /** The last edge with a name, or the context of a variable, among those folded. */
    let named: RawStep | undefined;
    for (const [at, step] of raw.entries()) {
      if (this.#graph.typeName(step.target) === 'synthetic') {
        root = this.#graph.name(step.target);
        continue;
      }
      if (this.#hasName(step)) named = step;
      if (at < raw.length - 1 && isInternalClass(classOf(this.#graph, step.target))) {
        foldedCount += 1;
        continue;
      }
      const next = this.#step(named ?? step, step.target, foldedCount);
      const last = steps.at(-1);
      foldedCount = 0;
      named = undefined;
      if (last && at < raw.length - 1 && repeats(last, next))
        steps[steps.length - 1] = { ...next, foldedCount: last.foldedCount + next.foldedCount + 1 };
      else steps.push(next);
    }
    return { steps, root };
  }

  #hasName(via: RawStep): boolean {
    const kind = this.#edges.kind(via.edge);
    return kind === 'property' || kind === 'variable' || this.#blockVariable(via) !== undefined;
  }

  #blockVariable({ source, edge }: RawStep): string | undefined {
    return blockVariable(this.#graph, this.#edges, source, edge);
  }

  #step(via: RawStep, node: number, foldedCount: number): PathStep {
    const inBlock = this.#blockVariable(via);
    const kind = this.#isDictionaryEntry(via)
      ? 'element'
      : inBlock === undefined
        ? this.#edges.kind(via.edge)
        : 'variable';
    const hasName = kind === 'property' || kind === 'variable';
    const inWeakMap = kind === 'weak map entry' ? weakMapName(this.#graph, this.#edges, via.edge) : '';
    const name = inBlock ?? (hasName ? this.#edges.name(via.edge) : inWeakMap);
    return {
      node,
      id: this.#graph.id(node),
      kind,
      name,
      className: classOf(this.#graph, node),
      selfBytes: this.#graph.selfSize(node),
      foldedCount,
      place: this.#places.ofNode(node),
      scope: kind === 'variable' ? this.#scope(via, name) : undefined,
    };
  }

  #isDictionaryEntry({ edge, source, target }: RawStep): boolean {
    if (this.#edges.kind(edge) !== 'property') return false;
    const classes = dictionaryClasses(this.#graph, this.#edges, source, {
      classOf: (node) => classOf(this.#graph, node),
    });
    return classes.has(classOf(this.#graph, target));
  }

  #scope(via: RawStep, name: string): VariableScope {
    const scope = scopeOf(this.#graph, via.source);
    const declared = scope.url === undefined ? undefined : this.#places.declaration(scope.url, name);
    const isNodes = scope.url?.startsWith('node:') === true;
    return { name: scope.name, place: declared, ...(isNodes && { ofNode: scope.url }) };
  }
}

function repeats(last: PathStep, next: PathStep): boolean {
  return last.kind === next.kind && last.name === next.name && last.className === next.className;
}
