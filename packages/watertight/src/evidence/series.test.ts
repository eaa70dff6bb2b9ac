import { expect, test } from 'vitest';

import type { HeapLook } from '../inspector/heap-types.ts';
import type { Look } from './examination.ts';
import { seriesOf, sitesOf } from './series.ts';

const NO_SERVER = {
  stats: undefined,
  held: undefined,
  sockets: undefined,
  descriptors: undefined,
  children: undefined,
  handles: undefined,
  listeners: undefined,
  gauges: undefined,
};
const heap = (index: number, more: Partial<HeapLook>): HeapLook => ({
  index,
  stoppedMs: 1,
  classes: [{ id: 1, name: 'Other', count: 1 }],
  collections: undefined,
  sampled: true,
  survivors: [],
  listeners: [],
  timers: [],
  pendingPromises: undefined,
  handles: {},
  otherRealmCount: 0,
  walkedRealmCount: 0,
  newCollections: [],
  runningChildren: undefined,
  memory: { heapUsedBytes: 0, externalBytes: 0, arrayBuffersBytes: 0, rssBytes: 0 },
  ...more,
});
const look = (cycles: number, seen: HeapLook | undefined): Look => ({
  cycles,
  atMs: 0,
  server: NO_SERVER,
  complaints: [],
  system: { threadCount: undefined, rssBytes: undefined, pssBytes: undefined, countsReferences: false },
  heap: seen,
  settled: { settled: true, afterMs: 0, heldAfterMs: 0 },
});

test('[P11] two classes of one name are two series; one that appears later began at nothing', () => {
  const classes = (...counts: number[]) => counts.map((count, id) => ({ id, name: 'Session', count }));
  const series = seriesOf([look(0, heap(1, { classes: classes(3) })), look(29, heap(2, { classes: classes(3, 29) }))]);
  const classesAlone = series.filter(({ kind }) => kind === 'objects');
  expect(classesAlone.map(({ key, counts }) => ({ key, counts }))).toEqual([
    { key: 'objects:0', counts: [3, 3] },
    { key: 'objects:1', counts: [0, 29] },
  ]);
});

test('[P28] a list of Node for each delay is no series; a class beside it, and the timers in it, are', () => {
  const classes = (lists: number, count: number) => [
    { id: 3, name: 'TimersList', count: lists },
    { id: 4, name: 'Timeout', count },
  ];
  const timers = (count: number) => [
    {
      kind: 'timeout 60000 ms',
      callback: 'expire',
      count,
      delayMs: 60_000,
      repeats: false,
      referenced: true,
      position: undefined,
    },
  ];
  const series = seriesOf([
    look(0, heap(1, { classes: classes(7, 1), timers: timers(1) })),
    look(29, heap(2, { classes: classes(36, 30), timers: timers(30) })),
  ]);
  const followed = series.filter(({ kind }) => kind === 'objects' || kind === 'timers');
  expect(followed.map(({ kind, counts }) => ({ kind, counts }))).toEqual([
    { kind: 'objects', counts: [1, 30] },
    { kind: 'timers', counts: [1, 30] },
  ]);
});

test('[P11] a collection is followed back to looks in which it was not worth a row, and not counted where nobody looked', () => {
  const collections = [{ id: 7, kind: 'Map' as const, size: 62, sizes: [0, 0, 29, 62], holds: ['Session'] }];
  const looks = [
    look(0, heap(1, { collections: [] })),
    look(29, heap(2, { collections: [] })),
    look(0, heap(9, { classes: [] })),
    look(33, heap(3, { collections })),
  ];
  expect(seriesOf(looks).find(({ kind }) => kind === 'collection')).toMatchObject({
    name: 'Map of Session',
    counts: [0, 29, undefined, 62],
  });
});

test('[V32] a collection that is made anew each time is one series: the largest of its kind that came since the look before', () => {
  const seen = (...sizes: readonly number[]): Partial<HeapLook> => ({
    collections: [],
    newCollections: sizes.map((size) => ({ kind: 'Map', size, holds: ['number'] })),
  });
  const looks = [
    look(0, heap(1, seen(400))),
    look(29, heap(2, seen(29))),
    look(0, heap(3, { classes: [] })),
    look(33, heap(4, seen(62))),
    look(0, heap(5, seen(62))),
  ];
  expect(seriesOf(looks).filter(({ kind }) => kind === 'collection')).toMatchObject([
    { name: 'copied Map of number', counts: [undefined, 29, undefined, 62, 62] },
  ]);
  const smaller = [...looks, look(34, heap(6, seen(61)))];
  expect(seriesOf(smaller).filter(({ kind }) => kind === 'collection')).toEqual([]);
});

test('[P11] timers that call the same function are one series', () => {
  const position = { functionName: 'beat', url: 'file:///a.js', scriptId: '1', line: 3, column: 1 };
  const timer = { kind: 'interval 30000 ms', delayMs: 30_000, repeats: true, callback: 'beat', position };
  const timers = [
    { ...timer, referenced: true, count: 4 },
    { ...timer, referenced: false, count: 2 },
  ];
  expect(seriesOf([look(0, heap(1, { timers }))]).find(({ kind }) => kind === 'timers')).toMatchObject({
    name: 'interval 30000 ms calling beat',
    counts: [6],
  });
});

test('[P11] of an allocation stack every window is what the last look has of it; waits are no windows', () => {
  const survivors = [
    {
      key: 'k',
      stack: [],
      sizes: [{ bytes: 32, objects: 59, windows: [0, 0, 29, 30, 0] }],
      windows: [1, 0, 29, 30, 2].map((objects) => ({ objects, bytes: objects * 32 })),
    },
  ];
  const looks = [look(0, heap(1, {})), look(29, heap(2, {})), look(33, heap(3, {})), look(0, heap(4, { survivors }))];
  const [site] = sitesOf(looks);
  expect(site?.windows).toEqual([
    { cycles: 29, objects: 29, bytes: 928 },
    { cycles: 33, objects: 30, bytes: 960 },
  ]);
  expect(site?.bySize).toEqual([[29, 30]]);
});

test('[P23] descriptors are followed by kind, children by program, and threads', () => {
  const seen = (files: number, sleeping: number, threadCount: number): Look => ({
    ...look(29, undefined),
    server: {
      ...NO_SERVER,
      descriptors: { file: files, pipe: 2 },
      children: sleeping === 0 ? {} : { sleep: sleeping },
    },
    system: { threadCount, rssBytes: 10, pssBytes: undefined, countsReferences: false },
  });
  const rows = seriesOf([seen(3, 0, 11), seen(32, 29, 12)]).map(({ kind, name, counts }) => ({ kind, name, counts }));
  expect(rows).toEqual([
    { kind: 'descriptors', name: 'file', counts: [3, 32] },
    { kind: 'descriptors', name: 'pipe', counts: [2, 2] },
    { kind: 'processes', name: 'sleep', counts: [0, 29] },
    { kind: 'threads', name: 'thread', counts: [11, 12] },
    { kind: 'native-memory', name: 'resident memory', counts: [10, 10] },
  ]);
});

test('[P25] listeners on the process are one series, counted from the first look on; those on others are found in the heap', () => {
  const counts = [0, 2, 31];
  const listeners = ['process', 'Bus'].map((emitter, id) => ({ id, emitter, event: 'SIGUSR2', count: 31, counts }));
  const asked = (cycles: number, count: number, seen: HeapLook): Look => ({
    ...look(cycles, seen),
    server: { ...NO_SERVER, listeners: { SIGUSR2: count } },
  });
  const last = heap(2, { collections: [], listeners });
  const named = (looks: readonly Look[]) =>
    seriesOf(looks).flatMap((series) => (series.kind === 'listeners' ? [[series.name, series.counts]] : []));
  expect(named([asked(0, 0, heap(1, {})), asked(29, 29, last)])).toEqual([
    ['process#SIGUSR2', [0, 29]],
    ['Bus#SIGUSR2', [undefined, 31]],
  ]);
  expect(named([look(0, heap(1, {})), look(29, last)]).map(([name]) => name)).toEqual([
    'process#SIGUSR2',
    'Bus#SIGUSR2',
  ]);
});
