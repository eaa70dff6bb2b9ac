// @ts-check
// node memlab-heap.mjs <peers' folder> <file>: loads one snapshot with memlab's API.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder = '', file = ''] = process.argv.slice(2);
const memlab = /** @type {{ getFullHeapFromFile(path: string): Promise<{ nodes: { length: number } }> }} */ (
  createRequire(join(folder, 'package.json'))('@memlab/heap-analysis')
);
console.log((await memlab.getFullHeapFromFile(file)).nodes.length);
