// @ts-check
// node memlab-heap.cjs <peers' folder> <file>: loads one snapshot with memlab's API.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const [folder = '', file = ''] = process.argv.slice(2);
/** @type {{ getFullHeapFromFile(path: string): Promise<{ nodes: { length: number } }> }} */
const { getFullHeapFromFile } = createRequire(join(folder, 'package.json'))('@memlab/heap-analysis');
void getFullHeapFromFile(file).then((heap) => console.log(heap.nodes.length));
