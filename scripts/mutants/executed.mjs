// @ts-check
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * @typedef {object} Range
 * @property {number} startOffset
 * @property {number} endOffset
 * @property {number} count
 */

/**
 * What a run executed, from the block coverage that V8 wrote into a folder (`NODE_V8_COVERAGE`). Deleting what is never executed
 * changes nothing, so only the rest can say anything about the scenarios.
 * @param {string} folder
 * @returns {Promise<(file: string, offset: number) => boolean>}
 */
export async function readExecuted(folder) {
  /** @type {Map<string, Range[][]>} */
  const functionsByFile = new Map();
  for (const name of await readdir(folder)) {
    const { result } = JSON.parse(await readFile(join(folder, name), 'utf8'));
    for (const { url, functions } of result) {
      const [, file] = /@watertight\/server\/dist\/(.+)$/.exec(url) ?? [];
      if (file === undefined) continue;
      const ranges = functions.map((/** @type {{ ranges: Range[] }} */ one) => one.ranges);
      functionsByFile.set(file, [...(functionsByFile.get(file) ?? []), ...ranges]);
    }
  }
  return (file, offset) => countAt(functionsByFile.get(file) ?? [], offset) > 0;
}

/**
 * The innermost range around an offset decides.
 * @param {Range[][]} functions
 * @param {number} offset
 */
function countAt(functions, offset) {
  let innermost = { length: Infinity, count: 0 };
  for (const ranges of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      const length = endOffset - startOffset;
      if (startOffset <= offset && offset < endOffset && length <= innermost.length) innermost = { length, count };
    }
  }
  return innermost.count;
}
