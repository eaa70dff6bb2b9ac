// @ts-check
// A server's heap of a given size that leaks one session a connection; a snapshot at the start and after each run of cycles.
// node heap.mjs <folder> <records> <cycles,…>
import { createServer } from 'node:http';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import { makeBallast } from './ballast.mjs';

const [folder = '.', records = '0', runs = ''] = process.argv.slice(2);

class LeakedSession {
  /** @param {number} number */
  constructor(number) {
    this.startedAt = number + 0.25;
    this.messages = [number];
  }

  toString() {
    return String(this.startedAt);
  }
}

const ballast = makeBallast(Number(records));
/** @type {Map<string, LeakedSession>} */
const sessions = new Map();
const server = createServer((_, response) => response.end(`${ballast.length} ${sessions.size}`)).listen(0, '127.0.0.1');

let connections = 0;
/** @param {number} count */
function connect(count) {
  for (let cycle = 0; cycle < count; cycle += 1) {
    connections += 1;
    sessions.set(`connection ${connections}`, new LeakedSession(connections));
  }
}

connect(50);
writeHeapSnapshot(join(folder, '0.heapsnapshot'));
for (const [index, count] of runs.split(',').entries()) {
  connect(Number(count));
  writeHeapSnapshot(join(folder, `${index + 1}.heapsnapshot`));
}
console.log(Math.round(process.memoryUsage().heapUsed / 1e6));
server.close();
