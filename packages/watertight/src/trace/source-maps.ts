import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';

/** A place as an editor shows it: line and column from 1. */
export interface FilePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A map, and the folder from which its sources are told. */
export interface SourceMap {
  readonly map: TraceMap;
  readonly folder: string;
}

const MAP_COMMENT = /^[ \t]*\/\/[#@] sourceMappingURL=(\S+)[ \t]*$/gm;

/** The source map that a script names, or `undefined` when it names none or it cannot be read. Never throws. */
export function sourceMapOf(
  scriptPath: string,
  text: string | undefined,
  mapUrl: string | undefined,
): SourceMap | undefined {
  const named =
    mapUrl ??
    text
      ?.match(MAP_COMMENT)
      ?.at(-1)
      ?.replace(/^.*?sourceMappingURL=/, '')
      .trim();
  if (named === undefined || named === '') return undefined;
  try {
    const folder = dirname(scriptPath);
    const inside = mapInside(named);
    if (inside !== undefined) return { map: new TraceMap(inside), folder };
    const path = pathOf(decodeURIComponent(named), folder);
    return { map: new TraceMap(readFileSync(path, 'utf8')), folder: dirname(path) };
  } catch {
    return undefined;
  }
}

/** Where the place of a generated script stands in the file that was written by hand. Lines and columns from 1. */
export function originalPosition({ map, folder }: SourceMap, line: number, column: number): FilePosition | undefined {
  const found = originalPositionFor(map, { line, column: column - 1 });
  if (found.source === null) return undefined;
  return { file: pathOf(found.source, folder), line: found.line, column: found.column + 1 };
}

function mapInside(url: string): string | undefined {
  const [, base64, text] = /^data:[^,]*?(;base64)?,(.*)$/s.exec(url) ?? [];
  if (text === undefined) return undefined;
  return base64 === undefined ? decodeURIComponent(text) : Buffer.from(text, 'base64').toString();
}

/** What a bundler wrote: the name of the project, the path in it, and what tells two of the same path apart. */
const BUNDLED = /^[a-z][a-z\d+.-]+:\/\/[^/]*\/(?:\.\/)?([^?]+)(?:\?\w*)?$/i;

function pathOf(url: string, folder: string): string {
  if (url.startsWith('file://')) return pathOfFile(url);
  const [, bundled] = BUNDLED.exec(url) ?? [];
  if (bundled !== undefined) return fileAbove(folder, bundled) ?? url;
  return isAbsolute(url) ? url : resolve(folder, url);
}

function pathOfFile(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    // Of another system, or another machine.
    return url;
  }
}

/** Bundlers tell paths from the folder of the project, which is above what they write. */
function fileAbove(folder: string, path: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, path);
    if (existsSync(file)) return file;
    if (at === dirname(at)) return undefined;
  }
}
