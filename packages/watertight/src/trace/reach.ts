import { EdgeReader } from './edges.ts';
import type { HeapGraph } from './heap-graph.ts';

export const NO_EDGE = 0xffff_ffff;
const ROOT = 0;
const NO_NODE = -1;

/**
 * What is reachable from the root, and the first edge that reached it: together the shortest path of every node, except that
 * paths through the program come before paths through handles of the runtime, and those before the machine stack.
 */
export interface Reach {
  /** The edge by which a node was reached first; `NO_EDGE` for the root and for what was not reached. */
  readonly parentEdges: Uint32Array;
  /** The nodes in the order in which they were reached; the first `count` entries. */
  readonly order: Uint32Array;
  readonly count: number;
  /** Where in `order`, ascending, stands what was not reached by the node that was its turn: roots, and what only detours led to. */
  readonly outOfTurn: readonly number[];
}

export interface ReachOptions {
  /** Edges to act as if they were not there. */
  readonly without?: ReadonlySet<number>;
  /** A node not to go through; what only it holds is not reached. */
  readonly around?: ReadonlySet<number>;
  /** Also go through compiled code and object shapes; default: not. */
  readonly code?: boolean;
  /** Stop as soon as this node is reached. */
  readonly until?: number;
}

/** Holders that no line of a program can let go of come last. */
const LAST_ROOTS =
  /stack|handle scope|traced|eternal|weak|strong roots|read-only|builtins|object cache|compilation cache|debugger|relocatable/i;
/** V8 lists strings there and keeps none of them alive by it. */
const STRING_TABLES = /internalized strings|external strings/i;
const PROGRAM = 0;
const RUNTIME = 1;
const LAST = 2;
/** Only to say something at all about what nothing else leads to. */
const NEVER = 3;

/**
 * Ways from an object to what is not its own: the class of every instance, the module around every callback. They are followed
 * when nothing else leads there, or whatever leaks would seem to hold the whole module it was left behind by.
 */
const DETOURS = [
  { type: 'internal', name: 'previous' },
  { type: 'property', name: '__proto__' },
  { type: 'property', name: 'constructor' },
] as const;

const memo = new WeakMap<HeapGraph, Reach>();

/** The shortest paths of a graph, found once. About 8 bytes a node as long as the graph lives. */
export function shortestPaths(graph: HeapGraph): Reach {
  const known = memo.get(graph);
  if (known) return known;
  const reach = reachFromRoot(graph);
  memo.set(graph, reach);
  return reach;
}

/** A breadth-first walk from the root. Weak edges keep nothing alive and are not followed. */
export function reachFromRoot(graph: HeapGraph, options: ReachOptions = {}): Reach {
  const walk = new Walk(graph, options);
  for (const priority of [PROGRAM, RUNTIME, LAST]) {
    walk.enterRoots(priority);
    walk.run();
  }
  if (options.code === true) {
    walk.enterRoots(NEVER);
    walk.runThroughCode();
  }
  return { parentEdges: walk.parentEdges, order: walk.order, count: walk.count, outOfTurn: walk.outOfTurn };
}

/** What is known of a node: one byte, so that the innermost loop reads little. */
const REACHED = 1;
const IS_CODE = 2;
const IS_CLOSED = 4;
/** An edge to it is cut: which one has to be looked up. */
const IS_CUT_OFF = 8;

/** What a type of edges asks for beyond being followed; the bits above are of the detours that are of this type. */
const IS_WEAK = 1;
const MAY_BE_EPHEMERON = 2;
const FIRST_DETOUR = 4;

class Walk {
  readonly parentEdges: Uint32Array;
  readonly order: Uint32Array;
  readonly outOfTurn: number[] = [];
  count = 0;
  readonly #graph: HeapGraph;
  readonly #edges: EdgeReader;
  readonly #without: ReadonlySet<number> | undefined;
  readonly #until: number;
  readonly #states: Uint8Array;
  readonly #edgeTraits: Uint8Array;
  /** By string: the bit of the detour that it names. */
  readonly #detourNames: Uint8Array;
  /** The first detour to each node that nothing else has reached yet. */
  #detours = new Map<number, number>();
  /** Nodes in one of these states are not reached. */
  #unreachable = REACHED | IS_CODE;
  #next = 0;

  constructor(graph: HeapGraph, options: ReachOptions) {
    this.#graph = graph;
    this.#without = options.without;
    this.#until = options.until ?? NO_NODE;
    this.#edges = new EdgeReader(graph);
    this.parentEdges = new Uint32Array(graph.nodeCount).fill(NO_EDGE);
    this.order = new Uint32Array(graph.nodeCount);
    this.order[0] = ROOT;
    this.count = 1;
    this.#next = 1;
    this.#edgeTraits = Uint8Array.from(graph.edgeTypes, traitsOf);
    this.#detourNames = new Uint8Array(graph.strings.count);
    for (const [at, { name }] of DETOURS.entries()) {
      const index = graph.strings.indexOf(name);
      if (index !== -1) this.#detourNames[index] = FIRST_DETOUR << at;
    }
    const stateOfType = Uint8Array.from(graph.nodeTypes, (type) =>
      type === 'code' || type === 'object shape' ? IS_CODE : 0,
    );
    this.#states = graph.types.map((type) => stateOfType[type] as number);
    this.#states[ROOT] = REACHED;
    // What only these hold is not reached: they are, and nothing is behind them.
    for (const node of options.around ?? []) this.#mark(node, IS_CLOSED);
    for (const edge of options.without ?? []) this.#mark(graph.edgeTargets[edge] as number, IS_CUT_OFF);
  }

  /** Puts what the roots of one priority hold into the queue. */
  enterRoots(priority: number): void {
    const { firstEdges, edgeTargets } = this.#graph;
    for (let edge = firstEdges[ROOT] as number; edge < (firstEdges[ROOT + 1] as number); edge += 1) {
      const target = edgeTargets[edge] as number;
      if (this.#graph.typeName(target) !== 'synthetic') {
        if (this.#rootPriority(edge) === priority) this.#reach(edge);
        continue;
      }
      // What a list of roots lists is entered by priority, and never because it is on the list.
      this.#mark(target, IS_CLOSED);
      if (priority === PROGRAM) continue;
      this.#reach(edge);
      // Cut off: what it lists may lead back to it, and would hold itself then.
      if (((this.#states[target] as number) & REACHED) === 0) continue;
      for (let inner = firstEdges[target] as number; inner < (firstEdges[target + 1] as number); inner += 1) {
        const root = edgeTargets[inner] as number;
        const isRoot = this.#graph.typeName(root) === 'synthetic';
        if (priorityOfName(this.#graph.name(isRoot ? root : target)) !== priority) continue;
        this.#reach(inner);
      }
    }
  }

  run(): void {
    do {
      while (this.#next < this.count) {
        const node = this.order[this.#next] as number;
        this.#next += 1;
        this.#expand(node);
      }
      const detours = this.#detours;
      this.#detours = new Map();
      for (const edge of detours.values()) this.#reach(edge);
    } while (this.#next < this.count);
  }

  /** Goes over everything again and lets nothing out. */
  runThroughCode(): void {
    this.#unreachable = REACHED;
    this.#next = 0;
    this.run();
  }

  #mark(node: number, state: number): void {
    this.#states[node] = (this.#states[node] as number) | state;
  }

  #expand(node: number): void {
    const states = this.#states;
    if (((states[node] as number) & IS_CLOSED) !== 0) return;
    const { firstEdges, edgeTargets } = this.#graph;
    const unreachable = this.#unreachable;
    const end = firstEdges[node + 1] as number;
    for (let edge = firstEdges[node] as number; edge < end; edge += 1) {
      const target = edgeTargets[edge] as number;
      if (((states[target] as number) & unreachable) !== 0) continue;
      const traits = this.#edgeTraits[this.#graph.edgeType(edge)] as number;
      if (traits === 0 || this.#leadsOn(node, edge, traits)) this.#reachOpen(edge, target);
    }
  }

  /** Whether an edge of a type with traits is one to follow now. */
  #leadsOn(node: number, edge: number, traits: number): boolean {
    if ((traits & IS_WEAK) !== 0) return false;
    if ((traits & MAY_BE_EPHEMERON) !== 0 && this.#edges.isTableOfWeakMap(node, edge)) return false;
    if (((this.#detourNames[this.#graph.edgeNameOrIndex(edge)] as number) & traits) === 0) return true;
    const target = this.#graph.edgeTargets[edge] as number;
    if (!this.#detours.has(target)) this.#detours.set(target, edge);
    return false;
  }

  #reach(edge: number): void {
    const target = this.#graph.edgeTargets[edge] as number;
    if (((this.#states[target] as number) & REACHED) !== 0) return;
    this.outOfTurn.push(this.count);
    this.#reachOpen(edge, target);
  }

  #reachOpen(edge: number, target: number): void {
    const state = this.#states[target] as number;
    if ((state & IS_CUT_OFF) !== 0 && this.#without?.has(edge) === true) return;
    this.#states[target] = state | REACHED;
    this.parentEdges[target] = edge;
    this.order[this.count] = target;
    this.count += 1;
    if (target === this.#until) this.#next = this.order.length;
  }

  #rootPriority(edge: number): number {
    return this.#graph.edgeTypeName(edge) === 'weak' ? NEVER : PROGRAM;
  }
}

function traitsOf(edgeType: string): number {
  const detours = DETOURS.map(({ type }, at) => (type === edgeType ? FIRST_DETOUR << at : 0));
  const own = (edgeType === 'weak' ? IS_WEAK : 0) | (edgeType === 'internal' ? MAY_BE_EPHEMERON : 0);
  return detours.reduce((traits, detour) => traits | detour, own);
}

function priorityOfName(name: string): number {
  if (STRING_TABLES.test(name)) return NEVER;
  return LAST_ROOTS.test(name) ? LAST : RUNTIME;
}

/** The node that an edge belongs to. */
export function sourceOf(graph: HeapGraph, edge: number): number {
  const { firstEdges } = graph;
  let low = 0;
  let high = graph.nodeCount - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((firstEdges[middle] as number) <= edge) low = middle;
    else high = middle - 1;
  }
  return low;
}
