// @ts-check
// node json-parse.mjs <file> …: what parsing alone costs, one file after the other.
import { readFileSync } from 'node:fs';

for (const file of process.argv.slice(2)) {
  const { nodes } = /** @type {{ nodes: number[] }} */ (JSON.parse(readFileSync(file, 'utf8')));
  console.log(nodes.length);
}
