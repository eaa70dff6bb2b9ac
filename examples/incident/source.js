// @ts-check
import { readFileSync } from 'node:fs';

/** The lines of a file around one of them. @param {string} path @param {number} line */
export function excerpt(path, line) {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines
    .slice(line - 2, line + 3)
    .map((text, index) => `${index === 1 ? '>' : ' '} ${String(line - 1 + index).padStart(3)}  ${text}`);
}

/** What stands in the fixed file alone. */
export function fixLines() {
  const read = (/** @type {string} */ name) => readFileSync(new URL(name, import.meta.url), 'utf8').split('\n');
  const before = read('places.js');
  return read('places.fixed.js').filter(
    (line) => line.trim() !== '' && !line.startsWith('/**') && !before.includes(line),
  );
}
