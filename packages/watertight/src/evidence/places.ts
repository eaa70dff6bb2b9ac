import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { SourcePosition } from '../inspector/heap-types.ts';
import { originalPosition, type SourceMap, sourceMapOf } from '../trace/source-maps.ts';
import type { Place } from '../verdict/finding.ts';
import { isOfNode, ownerOf, pathOf } from './owner.ts';

/** Of a URL; a letter alone is a drive. */
const SCHEME = /^[a-z][a-z\d+.-]+:/i;

/** Makes positions readable: source maps honoured, paths relative to the folder where the target was started. */
export class PlaceResolver {
  /** Paths below it are told relative to it. */
  readonly folder: string;
  readonly #mapUrls = new Map<string, string>();
  readonly #maps = new Map<string, SourceMap | undefined>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** What was compiled while it was loaded has its source map in the process alone: the file is what was written by hand. */
  know(scripts: Iterable<{ readonly url: string; readonly sourceMapUrl: string }>): void {
    for (const { url, sourceMapUrl } of scripts) {
      if (sourceMapUrl === '') continue;
      this.#mapUrls.set(pathOf(url), sourceMapUrl);
      this.#maps.delete(pathOf(url));
    }
  }

  /** A position in code that runs. */
  resolve({ functionName, url, line, column }: SourcePosition): Place {
    const path = pathOf(url);
    const map = isOfNode(url) ? undefined : this.#mapOf(path);
    const original = map && originalPosition(map, line, column);
    if (original === undefined) return this.inFile(functionName, path, line, column);
    return this.inFile(functionName, original.file, original.line, original.column);
  }

  /** A place that is one in a source already. */
  inFile(functionName: string, path: string, line: number, column: number): Place {
    const below = relative(this.folder, path);
    const isBelow = !isOfNode(path) && !SCHEME.test(path) && !below.startsWith('..');
    return { functionName, file: isBelow ? below : path, line, column, owner: ownerOf(path) };
  }

  #mapOf(path: string): SourceMap | undefined {
    if (!this.#maps.has(path)) this.#maps.set(path, sourceMapOf(path, textOf(path), this.#mapUrls.get(path)));
    return this.#maps.get(path);
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
