import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';

import { LAYOUTS, SketchedHeap, inPieces } from '../../test/trace/sketched-heap.ts';
import type { HeapGraph } from './heap-graph.ts';
import { readSnapshot, readSnapshotFile } from './snapshot-reader.ts';

const AWKWARD = 'Zoë "\\\n\u2028 😀 \u0007 é';

function sketch(): SketchedHeap {
  const heap = new SketchedHeap().startIdsAt(4_294_000_001);
  const map = heap.global('sessions', 'Map');
  const table = heap.node('array', '', 5_000_000_000);
  const session = heap.node('object', AWKWARD, 48, [7, 11, 3]);
  return heap
    .hold(map, 'internal', 'table', table)
    .hold(table, 'internal', '36', session)
    .hold(session, 'element', 4_000, map)
    .hold(session, 'weak', AWKWARD, table);
}

/** Everything a graph says, as plain data. */
function told(graph: HeapGraph): unknown {
  return Array.from({ length: graph.nodeCount }, (_, node) => ({
    name: graph.name(node),
    type: graph.typeName(node),
    id: graph.id(node),
    size: graph.selfSize(node),
    location: graph.location(node),
    edges: Array.from(
      { length: (graph.firstEdges[node + 1] as number) - (graph.firstEdges[node] as number) },
      (__, at) => {
        const edge = (graph.firstEdges[node] as number) + at;
        const nameOrIndex = graph.edgeNameOrIndex(edge);
        const type = graph.edgeTypeName(edge);
        return [type, type === 'element' ? nameOrIndex : graph.strings.get(nameOrIndex), graph.edgeTargets[edge]];
      },
    ),
  }));
}

const EXPECTED = [
  {
    name: '',
    type: 'synthetic',
    id: 4_294_000_001,
    size: 0,
    location: undefined,
    edges: [['property', 'sessions', 1]],
  },
  { name: 'Map', type: 'object', id: 4_294_000_003, size: 16, location: undefined, edges: [['internal', 'table', 2]] },
  { name: '', type: 'array', id: 4_294_000_005, size: 5e9, location: undefined, edges: [['internal', '36', 3]] },
  {
    name: AWKWARD,
    type: 'object',
    id: 4_294_000_007,
    size: 48,
    location: { scriptId: 7, line: 11, column: 3 },
    edges: [
      ['element', 4_000, 1],
      ['weak', AWKWARD, 2],
    ],
  },
];

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
/** As V8 writes it: nothing but ASCII. */
const escaped = (text: string): string =>
  text.replaceAll(/[^\n -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

describe('a snapshot', () => {
  it('[S1] reads alike however it is cut, escaped or raw', async () => {
    for (const text of [sketch().text(), escaped(sketch().text())]) {
      const bytes = encode(text);
      for (const pieceBytes of [1, 2, 3, 5, 7, 11, 64, 1 << 20])
        expect(told(await readSnapshot(inPieces(bytes, pieceBytes))), `${pieceBytes}`).toEqual(EXPECTED);
    }
  });

  it('[S1] reads from text that is cut between the halves of a character', async () => {
    const text = sketch().text();
    const cut = text.indexOf('😀') + 1;
    expect(told(await readSnapshot(Readable.from([text.slice(0, cut), text.slice(cut)])))).toEqual(EXPECTED);
  });

  it('[S1] cuts a long string behind a whole character', async () => {
    const heap = new SketchedHeap();
    heap.global('x', `a${'é'.repeat(2_000)}`);
    const graph = await heap.graph();
    expect(graph.name(1)).toBe(`a${'é'.repeat(255)}…`);
  });

  it.each(Object.keys(LAYOUTS) as (keyof typeof LAYOUTS)[])(
    '[S2] reads the fields of %s by their names',
    async (layout) => {
      expect(told(await sketch().graph(layout))).toEqual(EXPECTED);
    },
  );

  it('[S2] reads without locations, and past sections that it does not know', async () => {
    const text = sketch()
      .text()
      .replace(/"location_fields":\[.*?\]/, '"x":1')
      .replace('"samples":[]', '"samples":[],"news":{"a":[1,{"b":"]}"}]},"flag":true,"n":-1.5e3');
    const graph = await readSnapshot(inPieces(encode(text), 9));
    expect(graph.location(3)).toBeUndefined();
    expect(graph.name(3)).toBe(AWKWARD);
  });
});

describe('what is no snapshot', () => {
  const refusal = async (text: string): Promise<string> =>
    readSnapshot(inPieces(encode(text), 13)).then(
      () => 'read',
      (error: Error) => `${error.name}: ${error.message}`,
    );

  it('[S3] is refused wherever it is cut off, with the byte', async () => {
    const text = sketch().text();
    for (let length = 1; length < text.length; length += 17)
      expect(await refusal(text.slice(0, length)), `${length}`).toMatch(
        new RegExp(
          String.raw`^SnapshotError: the heap snapshot is cut off.* \(at byte ${encode(text.slice(0, length)).length}\)$`,
        ),
      );
    expect(await refusal(text.slice(0, text.indexOf('"edges"') + 12))).toContain('within or behind "edges"');
    expect(await refusal('')).toBe('SnapshotError: the heap snapshot is empty (at byte 0)');
  });

  it.each([
    ['PK\u0003', "expected '{', found 'P' (at byte 0)"],
    ['{}', 'it has no "snapshot" (at byte 2)'],
    ['{"nodes":[]}', '"nodes" stands before "snapshot" (at byte 9)'],
    ['{"head":{"callFrame":{}},"samples":[]}', 'it has no "snapshot"'],
    ['{"snapshot":{"meta":{}}}', 'names no fields of nodes and edges (at byte 12)'],
  ])('[S3] %s', async (text, message) => {
    expect(await refusal(text)).toContain(message);
  });

  it.each([
    [/"node_count":4/, '"node_count":5', 'announces 5 nodes and has 4'],
    [/"edge_count":5/, '"edge_count":4', 'announces 4 edges and has 5'],
    [/"node_count":4/, '"node_count":-1', '"snapshot.node_count" is -1, not a whole number'],
    [/"self_size",/, '"size",', 'nodes have no field "self_size"'],
    [/"nodes":\[/, '"nodes":[1,,', 'unexpected \',\' among the numbers of "nodes"'],
    [/"nodes":\[/, '"nodes":[-', 'unexpected \'-\' among the numbers of "nodes"'],
    [/"nodes":\[/, '"nodes":[1 ', 'among the numbers of "nodes"'],
    [/"nodes":\[/, '"nodes":[1,', 'ends within a record of 7 numbers'],
    [/"edges":\[(\d+\n,\d+\n,)7\n/, '"edges":[$18\n', 'edge 0 leads to no node of the snapshot'],
    [/"strings":\[/, String.raw`"strings":["\x",`, String.raw`unexpected escape \x in "strings"`],
    [/\]\}$/, ']} trailing', "unexpected 't' behind the heap snapshot"],
  ])('[S3] %s → %s', async (from, to, message) => {
    expect(sketch().text()).toMatch(from);
    expect(await refusal(sketch().text().replace(from, to))).toContain(message);
  });

  it('[S3] in a file is refused like anywhere else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'watertight-trace-'));
    try {
      const file = join(folder, 'x.heapsnapshot');
      writeFileSync(file, sketch().text());
      expect(told(await readSnapshotFile(file))).toEqual(EXPECTED);
      writeFileSync(file, sketch().text().slice(0, 700));
      await expect(readSnapshotFile(file)).rejects.toThrow('cut off');
      await expect(readSnapshotFile(join(folder, 'none'))).rejects.toThrow('ENOENT');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
