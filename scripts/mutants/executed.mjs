// @ts-check
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * @typedef {object} Range
 * @property {number} startOffset
 * @property {number} endOffset
 * @property {number} count
 */

/** @typedef {{ ranges: Range[], isBlockCoverage: boolean }} Covered one function */

/**
 * Whether a run executed the statement at an offset. `maybe`: the function that holds it ran, and V8 forgot which of its blocks did,
 * as it does once somebody samples the heap of the process.
 *
 * @typedef {(file: string, offset: number) => 'yes' | 'maybe' | 'no'} Executed
 */

/**
 * What a run executed, from the block coverage that V8 wrote into a folder (`NODE_V8_COVERAGE`). Deleting what is never executed
 * changes nothing, so only the rest can say anything about the scenarios.
 *
 * @param {string} folder
 * @returns {Promise<Executed>}
 */
export async function readExecuted(folder) {
  /** @type {Map<string, Covered[]>[]} */
  const processes = [];
  for (const name of await readdir(folder)) {
    const { result } = JSON.parse(await readFile(join(folder, name), 'utf8'));
    /** @type {Map<string, Covered[]>} */
    const functionsByFile = new Map();
    for (const { url, functions } of result) {
      const [, file] = /@watertight\/server\/dist\/(.+)$/.exec(url) ?? [];
      if (file !== undefined) functionsByFile.set(file, functions);
    }
    processes.push(functionsByFile);
  }
  return (file, offset) => {
    const answers = processes.map((functionsByFile) => executedAt(functionsByFile.get(file) ?? [], offset));
    return answers.find((answer) => answer === 'yes') ?? answers.find((answer) => answer === 'maybe') ?? 'no';
  };
}

/**
 * The innermost range around an offset decides.
 *
 * @param {Covered[]} functions
 * @param {number} offset
 */
function executedAt(functions, offset) {
  let innermost = { length: Infinity, count: 0, isExact: true };
  for (const { ranges, isBlockCoverage } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      const length = endOffset - startOffset;
      if (startOffset <= offset && offset < endOffset && length <= innermost.length)
        innermost = { length, count, isExact: isBlockCoverage };
    }
  }
  if (innermost.count === 0) return 'no';
  return innermost.isExact ? 'yes' : 'maybe';
}
