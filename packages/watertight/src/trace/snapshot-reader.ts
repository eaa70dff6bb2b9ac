import { close, open, read } from 'node:fs';
import { promisify } from 'node:util';

import { type HeapColumns, HeapGraph } from './heap-graph.ts';
import { SnapshotParser } from './snapshot-parser.ts';

const READ_BYTES = 1 << 20;
/** A thread would have to compile `node:fs/promises` first, and all that Node loads with it: a twentieth of a second. */
const files = { open: promisify(open), read: promisify(read), close: promisify(close) };

/**
 * Reads a heap snapshot as it arrives, from a file or while V8 still writes it. The text is never held: about 17 bytes a node,
 * 8 an edge and its strings are.
 *
 * @throws {@link SnapshotError} when the text is no heap snapshot, is empty or cut off.
 */
export async function readSnapshot(chunks: AsyncIterable<Uint8Array | string>): Promise<HeapGraph> {
  const intake = new SnapshotIntake();
  for await (const chunk of chunks) intake.push(chunk);
  return intake.end();
}

/** The same for pieces that are pushed, such as those of an inspector; both methods throw {@link SnapshotError}. */
export class SnapshotIntake {
  readonly #parser = new SnapshotParser();
  readonly #encoder = new TextEncoder();
  /** Half a surrogate pair at the end of a piece of text waits for the next. */
  #half = '';

  /** A buffer may be filled again as soon as this returns. */
  push(chunk: Uint8Array | string): void {
    if (typeof chunk !== 'string') return this.#parser.push(chunk);
    const text = this.#half + chunk;
    const last = text.charCodeAt(text.length - 1);
    const cut = last >= 0xd800 && last < 0xdc00 ? text.length - 1 : text.length;
    this.#half = text.slice(cut);
    this.#parser.push(this.#encoder.encode(text.slice(0, cut)));
  }

  end(): HeapGraph {
    return new HeapGraph(this.#parser.end());
  }
}

/** The same for a file. Rejects with the system's error when it cannot be opened or read. */
export async function readSnapshotFile(path: string): Promise<HeapGraph> {
  return new HeapGraph(await readColumnsOfFile(path));
}

/** The same before it becomes a graph: for another thread. */
export async function readColumnsOfFile(path: string): Promise<HeapColumns> {
  const parser = new SnapshotParser();
  for await (const chunk of fileChunks(path)) parser.push(chunk);
  return parser.end();
}

/** One buffer, filled again and again: whoever takes a chunk is done with it when it asks for the next. */
async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await files.open(path, 'r');
  try {
    const buffers = [new Uint8Array(READ_BYTES), new Uint8Array(READ_BYTES)] as const;
    // The next read goes on while this chunk is parsed.
    let pending = files.read(file, buffers[0], 0, READ_BYTES, null);
    for (let turn = 1; ; turn += 1) {
      const { bytesRead, buffer } = await pending;
      if (bytesRead === 0) return;
      pending = files.read(file, turn % 2 === 1 ? buffers[1] : buffers[0], 0, READ_BYTES, null);
      // The consumer may leave while this read goes on; closing the file would reject it with nobody listening.
      pending.catch(() => undefined);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await files.close(file);
  }
}
