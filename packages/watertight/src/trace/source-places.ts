import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { HeapGraph } from './heap-graph.ts';
import { scriptOfClosure } from './scopes.ts';
import { originalPosition, type SourceMap, sourceMapOf } from './source-maps.ts';

/** A place in a source file as an editor shows it: line and column from 1. */
export interface SourcePlace {
  /** A path when the script is a file; else the url as V8 has it, such as `node:net`. */
  readonly url: string;
  readonly line: number;
  readonly column: number;
  /** Whether a source map led here from the code that runs. */
  readonly mapped: boolean;
}

/** What a debugger knows about a script; `Debugger.scriptParsed` says both. */
export interface ScriptInfo {
  readonly url: string;
  readonly sourceMapUrl?: string | undefined;
}

interface Source {
  readonly path: string;
  readonly text: string | undefined;
  readonly map: SourceMap | undefined;
}

/**
 * Finds where things of a heap are written. Scripts are known from the snapshot itself, or better from a debugger; files and
 * source maps are read when a place in them is asked for, each once. What cannot be read is left out; nothing throws.
 */
export class SourcePlaces {
  readonly #graph: HeapGraph;
  readonly #scripts: ReadonlyMap<number, ScriptInfo>;
  readonly #sources = new Map<string, Source>();
  readonly #scriptNames = new Map<number, string | undefined>();

  constructor(graph: HeapGraph, scripts: ReadonlyMap<number, ScriptInfo> = new Map()) {
    this.#graph = graph;
    this.#scripts = scripts;
  }

  /** Where the function, or the constructor of the object, is written. */
  ofNode(node: number): SourcePlace | undefined {
    const location = this.#graph.location(node);
    if (!location) return undefined;
    const script = this.#scripts.get(location.scriptId);
    const url = script?.url ?? this.#scriptName(location.scriptId);
    if (url === undefined || url === '') return undefined;
    return this.#place(url, location.line + 1, location.column + 1, script?.sourceMapUrl);
  }

  /** Where a script declares a name: the first place that looks like it; `undefined` when none does. */
  declaration(url: string, name: string): SourcePlace | undefined {
    const { text } = this.#source(url, this.#mapUrlOf(url));
    const at = text === undefined ? undefined : declarationIn(text, name);
    if (at === undefined || text === undefined) return undefined;
    const before = text.slice(0, at).split('\n');
    return this.#place(url, before.length, (before.at(-1) ?? '').length + 1, this.#mapUrlOf(url));
  }

  #place(url: string, line: number, column: number, mapUrl: string | undefined): SourcePlace {
    const { path, map } = this.#source(url, mapUrl);
    const original = map && originalPosition(map, line, column);
    if (original) return { url: original.file, line: original.line, column: original.column, mapped: true };
    return { url: path, line, column, mapped: false };
  }

  #mapUrlOf(url: string): string | undefined {
    for (const script of this.#scripts.values()) if (script.url === url) return script.sourceMapUrl;
    return undefined;
  }

  #source(url: string, mapUrl: string | undefined): Source {
    const known = this.#sources.get(url);
    if (known) return known;
    const path = pathOf(url);
    const text = url.startsWith('node:') ? undefined : readText(path);
    const source = { path, text, map: sourceMapOf(path, text, mapUrl) };
    this.#sources.set(url, source);
    return source;
  }

  /** From the first closure of the script that knows it. */
  #scriptName(scriptId: number): string | undefined {
    if (this.#scriptNames.has(scriptId)) return this.#scriptNames.get(scriptId);
    const graph = this.#graph;
    const closure = graph.nodeTypes.indexOf('closure');
    let name: string | undefined;
    for (const node of graph.nodesOfScript(scriptId)) {
      if (graph.types[node] === closure) name = scriptOfClosure(graph, node);
      if (name !== undefined) break;
    }
    this.#scriptNames.set(scriptId, name);
    return name;
  }
}

function pathOf(url: string): string {
  try {
    return url.startsWith('file://') ? fileURLToPath(url) : url;
  } catch {
    return url;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function declarationIn(text: string, name: string): number | undefined {
  const escaped = name.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  const patterns = [
    new RegExp(String.raw`\b(?:const|let|var|function\*?|class)\s+(?:[{[][^;=]*?)?(${escaped})(?![\w$])`, 'd'),
    // One of several behind one `const`, or a parameter with a default.
    new RegExp(String.raw`[\s,({](${escaped})\s*=(?![=>])`, 'd'),
  ];
  for (const pattern of patterns) {
    const at = pattern.exec(text)?.indices?.[1]?.[0];
    if (at !== undefined) return at;
  }
  return undefined;
}
