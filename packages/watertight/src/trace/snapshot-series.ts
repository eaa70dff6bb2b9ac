import { on } from 'node:events';
import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { ownProgram } from '../target/own-program.ts';

import { type HeapColumns, HeapGraph } from './heap-graph.ts';
import { SnapshotError } from './snapshot-error.ts';
import { readSnapshotFile } from './snapshot-reader.ts';
import type { ThreadReply } from './snapshot-thread.ts';

const ENTRY = ownProgram('snapshot-thread.cjs');
/** Of larger files one heap at a time is in memory. */
const MAX_FILE_BYTES = 2 ** 29;
/** So much may be read before the first of it is looked at. */
const MAX_AHEAD_BYTES = 2 ** 27;

/**
 * The heaps of several files, one after another. A thread reads on while one is looked at: files of 128 MiB together as fast as it can,
 * and the first of them is read beside it; larger ones one ahead, and of files over 512 MiB none. Whoever leaves early calls `return`, as `for await` does.
 *
 * `beforeSmall` is called first where all of them together are read in about a second.
 *
 * @throws {@link SnapshotError} at a file that is no heap snapshot; an error with the system's `code` at one that cannot be read.
 */
export async function* readSnapshotFiles(
  files: readonly string[],
  beforeSmall?: () => void,
): AsyncGenerator<HeapGraph, void, void> {
  const sizes = await Promise.all(files.map(sizeOf));
  const isSmall = sizes.reduce((sum, size) => sum + size, 0) <= MAX_AHEAD_BYTES;
  if (isSmall) beforeSmall?.();
  if (files.length < 2 || Math.max(...sizes) > MAX_FILE_BYTES) {
    for (const file of files) yield await readSnapshotFile(file);
    return;
  }
  // Of small files the first is read here, while the thread still starts.
  const [own, others] = isSmall ? [files.slice(0, 1), files.slice(1)] : [[], files];
  const aheadCount = isSmall ? others.length : 1;
  // Only one thread reads: each has to compile for itself what reads fast.
  const thread = new Worker(ENTRY);
  try {
    for (const file of others.slice(0, aheadCount)) thread.postMessage(file, []);
    const replies = on(thread, 'message') as AsyncIterable<[ThreadReply]>;
    for (const file of own) yield await readSnapshotFile(file);
    let answeredCount = 0;
    for await (const [reply] of replies) {
      const next = others[answeredCount + aheadCount];
      if (next !== undefined) thread.postMessage(next, []);
      answeredCount += 1;
      yield heapOf(reply);
      if (answeredCount === others.length) return;
    }
  } finally {
    void thread.terminate();
  }
}

/** In bytes; 0 of a file that is missing, which reading says better. */
async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

function heapOf(reply: ThreadReply): HeapGraph {
  if (reply.is === 'heap') return new HeapGraph(withoutHoles(reply.columns));
  if (reply.is === 'no snapshot') throw new SnapshotError(reply.what, reply.byteOffset);
  throw Object.assign(new Error(reply.message), { code: reply.code });
}

/** V8 takes a list that came from another thread for one with holes, and throws away what it compiled for the lists of the heap before. */
function withoutHoles(columns: HeapColumns): HeapColumns {
  const { layout, strings } = columns;
  const nodeTypes = layout.nodeTypes.map((type) => type);
  const edgeTypes = layout.edgeTypes.map((type) => type);
  return {
    ...columns,
    layout: { ...layout, nodeTypes, edgeTypes },
    strings: { ...strings, blocks: strings.blocks.map((block) => block) },
  };
}
