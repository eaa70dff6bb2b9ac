import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Place, SourceExcerpt } from '../verdict/finding.ts';

const LINES_BEFORE = 4;
const LINES_AFTER = 4;
/** Minified code has one line of a megabyte. */
const MAX_LINE_LENGTH = 240;
const MAX_FILE_BYTES = 4 * 1024 ** 2;

/**
 * The lines around a place, for reports that are read elsewhere; `null` where the file cannot be read here, is of Node, or is
 * another one by now: shorter than the place says.
 */
export function readExcerpt({ file, line, owner }: Place, folder: string): SourceExcerpt | null {
  if (owner.is === 'node') return null;
  const lines = linesOf(resolve(folder, file));
  if (lines === undefined || line < 1 || line > lines.length) return null;
  const first = Math.max(1, line - LINES_BEFORE);
  const shown = lines.slice(first - 1, line + LINES_AFTER);
  return { file, firstLine: first, markedLine: line, lines: shown.map((text) => cut(text.trimEnd())) };
}

function linesOf(path: string): readonly string[] | undefined {
  try {
    if (statSync(path).size > MAX_FILE_BYTES) return undefined;
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return undefined;
  }
}

function cut(text: string): string {
  return text.length > MAX_LINE_LENGTH ? `${text.slice(0, MAX_LINE_LENGTH)} …` : text;
}
