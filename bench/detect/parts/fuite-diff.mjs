// @ts-check
// node fuite-diff.mjs <peers' folder> <file> <file>: compares two snapshots by class, the way fuite does.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder = '', ...files] = process.argv.slice(2);
const toolkit =
  /** @type {{ diffFromStreams(...streams: unknown[]): AsyncIterable<{ type: string, result: object }> }} */ (
    await import(pathToFileURL(join(folder, 'node_modules/heap-snapshot-toolkit/index.js')).href)
  );
for await (const { type, result } of toolkit.diffFromStreams(...files.map((file) => createReadStream(file, 'utf8'))))
  if (type === 'diff') console.log(Object.keys(result).length);
