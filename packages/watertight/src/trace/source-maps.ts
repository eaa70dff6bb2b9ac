import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';

/** A place as an editor shows it: line and column from 1. */
export interface FilePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const MAP_COMMENT = /^[ \t]*\/\/[#@] sourceMappingURL=(\S+)[ \t]*$/gm;

/** The source map that a script names, or `undefined` when it names none or it cannot be read. Never throws. */
export function sourceMapOf(
  scriptPath: string,
  text: string | undefined,
  mapUrl: string | undefined,
): TraceMap | undefined {
  const named =
    mapUrl ??
    text
      ?.match(MAP_COMMENT)
      ?.at(-1)
      ?.replace(/^.*?sourceMappingURL=/, '')
      .trim();
  if (named === undefined || named === '') return undefined;
  try {
    const content = mapText(named, scriptPath);
    return new TraceMap(content);
  } catch {
    return undefined;
  }
}

/** Where the place of a generated script stands in the file that was written by hand. Lines and columns from 1. */
export function originalPosition(
  map: TraceMap,
  scriptPath: string,
  line: number,
  column: number,
): FilePosition | undefined {
  const found = originalPositionFor(map, { line, column: column - 1 });
  if (found.source === null) return undefined;
  return { file: pathOf(found.source, dirname(scriptPath)), line: found.line, column: found.column + 1 };
}

function mapText(url: string, scriptPath: string): string {
  const data = /^data:[^,]*?(;base64)?,(.*)$/s.exec(url);
  if (data)
    return data[1] === undefined ? decodeURIComponent(data[2] ?? '') : Buffer.from(data[2] ?? '', 'base64').toString();
  return readFileSync(pathOf(decodeURIComponent(url), dirname(scriptPath)), 'utf8');
}

function pathOf(url: string, folder: string): string {
  if (url.startsWith('file://')) return fileURLToPath(url);
  return isAbsolute(url) ? url : resolve(folder, url);
}
