import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { SketchedHeap } from '../../test/trace/sketched-heap.ts';
import type { HeapGraph } from './heap-graph.ts';
import { readSnapshotFiles } from './snapshot-series.ts';

describe('the snapshots of several files', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'watertight-series-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const sketched = (name: string): string => {
    const heap = new SketchedHeap();
    const node = heap.global(name, 'Map');
    const text = heap.hold(node, 'property', 'itself', node).text();
    const file = join(folder, `${name}.heapsnapshot`);
    writeFileSync(file, text);
    return file;
  };
  const firstVariables = async (files: readonly string[]): Promise<string[]> => {
    const names: string[] = [];
    for await (const graph of readSnapshotFiles(files)) names.push(variableOf(graph));
    return names;
  };
  const variableOf = (graph: HeapGraph): string => graph.strings.get(graph.edgeNameOrIndex(0));

  it('[S17] come in the order of the files, read by a thread or one by one', async () => {
    const files = ['one', 'two', 'three'].map(sketched);
    expect(await firstVariables(files)).toEqual(['one', 'two', 'three']);
    expect(await firstVariables(files.slice(1, 2))).toEqual(['two']);
    // Over 512 MiB, and takes no room on the disk.
    const huge = join(folder, 'huge');
    writeFileSync(huge, '');
    truncateSync(huge, 2 ** 29 + 1);
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const graph of readSnapshotFiles([...files, huge])) seen.push(variableOf(graph));
    };
    await expect(read()).rejects.toThrow('not a heap snapshot');
    expect(seen).toEqual(['one', 'two', 'three']);
  });

  it('[S17] end at the first that cannot be read, with what is wrong with it', async () => {
    const good = sketched('good');
    const cut = join(folder, 'cut');
    writeFileSync(cut, '{"snapshot"');
    await expect(firstVariables([good, cut, good])).rejects.toMatchObject({ name: 'SnapshotError', byteOffset: 11 });
    await expect(firstVariables([good, join(folder, 'none')])).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('[S17] are left before the end without a trace of the thread', async () => {
    for await (const graph of readSnapshotFiles(['one', 'two', 'three'].map(sketched))) {
      expect(variableOf(graph)).toBe('one');
      break;
    }
  });
});
