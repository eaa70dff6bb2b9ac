// Runs in a thread of `snapshot-series`: reads the file it is told and hands the columns over.
import { parentPort } from 'node:worker_threads';

import type { HeapColumns } from './heap-graph.ts';
import { SnapshotError } from './snapshot-error.ts';
import { readColumnsOfFile } from './snapshot-reader.ts';

/** What a thread answers to the path of a file. */
export type ThreadReply =
  | { readonly is: 'heap'; readonly columns: HeapColumns }
  | { readonly is: 'no snapshot'; readonly what: string; readonly byteOffset: number }
  | { readonly is: 'failed'; readonly message: string; readonly code: string | undefined };

let turn = Promise.resolve();
parentPort?.on('message', (path: string) => {
  turn = turn.then(async () => {
    const [reply, buffers] = await readColumnsOfFile(path).then(
      (columns): [ThreadReply, ArrayBuffer[]] => [{ is: 'heap', columns }, buffersOf(columns)],
      (error: unknown): [ThreadReply, ArrayBuffer[]] => [replyTo(error), []],
    );
    parentPort?.postMessage(reply, buffers);
  });
});

/** They are handed over, not copied. */
function buffersOf({ strings, ...columns }: HeapColumns): ArrayBuffer[] {
  const numbers = [columns.types, columns.names, columns.ids, columns.sizes, columns.firstEdges, columns.edgeTargets];
  return [...numbers, columns.edgeLabels, columns.locations, strings.starts, strings.lengths, ...strings.blocks].map(
    ({ buffer }) => buffer,
  );
}

function replyTo(error: unknown): ThreadReply {
  if (error instanceof SnapshotError) return { is: 'no snapshot', what: error.what, byteOffset: error.byteOffset };
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { is: 'failed', message: error instanceof Error ? error.message : String(error), code };
}
