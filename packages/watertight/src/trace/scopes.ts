import { EdgeReader } from './edges.ts';
import type { HeapGraph } from './heap-graph.ts';

/** Which function a context belongs to. */
export interface Scope {
  /** `module scope`, `onConnection()`, or `a function` when V8 no longer knows its name. */
  readonly name: string;
  /** The script's name as V8 has it. */
  readonly url: string | undefined;
}

const MAX_BLOCKS = 8;

/** V8's descriptions of functions by what refers to them: they outlive the functions whose variables they describe. */
interface FunctionInfos {
  readonly edges: EdgeReader;
  /** ScopeInfo to the SharedFunctionInfo whose own scope it is. */
  readonly own: ReadonlyMap<number, number>;
  /** ScopeInfo to a SharedFunctionInfo that is written inside it. */
  readonly inner: ReadonlyMap<number, number>;
}

const memo = new WeakMap<HeapGraph, FunctionInfos>();

/** The function whose variables a context node holds; of a block's context the function around the block. */
export function scopeOf(graph: HeapGraph, context: number): Scope {
  const { edges, own, inner } = functionInfos(graph);
  let url: string | undefined;
  let at: number | undefined = context;
  for (let depth = 0; at !== undefined && depth < MAX_BLOCKS; depth += 1) {
    const scopeInfo = target(graph, edges, at, SCOPE_INFO);
    if (scopeInfo === undefined) break;
    const shared = own.get(scopeInfo);
    const witness = shared ?? inner.get(scopeInfo);
    url ??= witness === undefined ? undefined : scriptOf(graph, edges, witness);
    const outer = target(graph, edges, at, PREVIOUS);
    if (outer === undefined || graph.name(outer).startsWith('system / NativeContext'))
      return { name: 'module scope', url };
    if (shared !== undefined) return { name: functionName(graph, shared), url };
    at = outer;
  }
  return { name: 'a function', url };
}

/** V8's description of the variables that a context holds. */
export function scopeInfoOf(graph: HeapGraph, edges: EdgeReader, context: number): number | undefined {
  return target(graph, edges, context, SCOPE_INFO);
}

/** The name of the script in which a closure is written. */
export function scriptOfClosure(graph: HeapGraph, closure: number): string | undefined {
  const edges = new EdgeReader(graph);
  const shared = target(graph, edges, closure, SHARED);
  return shared === undefined ? undefined : scriptOf(graph, edges, shared);
}

const SCOPE_INFO = ['scope_info'];
const PREVIOUS = ['previous'];
const SHARED = ['shared'];
const SCRIPT = ['script', 'script_or_debug_info'];
const OWN_SCOPE = ['name_or_scope_info'];
const OUTER_SCOPE = ['raw_outer_scope_info_or_feedback_metadata', 'outer_scope_info'];

function functionName(graph: HeapGraph, shared: number): string {
  const name = graph.name(shared);
  return name === '' || name.startsWith('system / ') ? 'an anonymous function' : `${name}()`;
}

function scriptOf(graph: HeapGraph, edges: EdgeReader, shared: number): string | undefined {
  const script = target(graph, edges, shared, SCRIPT);
  const name = script === undefined ? '' : graph.name(script);
  return name === '' || name.startsWith('system / ') ? undefined : name;
}

function functionInfos(graph: HeapGraph): FunctionInfos {
  const known = memo.get(graph);
  if (known) return known;
  const edges = new EdgeReader(graph);
  const own = new Map<number, number>();
  const inner = new Map<number, number>();
  const code = graph.nodeTypes.indexOf('code');
  const ownNames = indexesOf(graph, OWN_SCOPE);
  const outerNames = indexesOf(graph, OUTER_SCOPE);
  for (let node = graph.types.indexOf(code); node !== -1; node = graph.types.indexOf(code, node + 1)) {
    const ownScope = named(graph, edges, node, ownNames);
    if (ownScope === undefined) continue;
    own.set(ownScope, node);
    const outerScope = named(graph, edges, node, outerNames);
    if (outerScope !== undefined) inner.set(outerScope, node);
  }
  const infos = { edges, own, inner };
  memo.set(graph, infos);
  return infos;
}

function indexesOf(graph: HeapGraph, names: readonly string[]): readonly number[] {
  return names.map((name) => graph.strings.indexOf(name));
}

function target(graph: HeapGraph, edges: EdgeReader, node: number, names: readonly string[]): number | undefined {
  return named(graph, edges, node, indexesOf(graph, names));
}

function named(graph: HeapGraph, edges: EdgeReader, node: number, names: readonly number[]): number | undefined {
  const end = graph.firstEdges[node + 1] as number;
  for (let edge = graph.firstEdges[node] as number; edge < end; edge += 1) {
    const name = graph.edgeNameOrIndex(edge);
    if ((name === names[0] || name === names[1]) && edges.kind(edge) === 'internal') return graph.edgeTargets[edge];
  }
  return undefined;
}
