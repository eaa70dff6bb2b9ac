import type { Look } from '../src/evidence/examination.ts';
import type { HeapLook } from '../src/inspector/heap-types.ts';

/** A heap on which nothing is counted. */
export const HEAP: HeapLook = {
  index: 0,
  stoppedMs: 1,
  classes: [],
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
};

/** A look at a server of which nothing is visible but its heap. */
export const lookAt = (cycles: number, atMs: number): Look => ({
  cycles,
  atMs,
  server: {
    held: undefined,
    sockets: undefined,
    descriptors: undefined,
    children: undefined,
    handles: undefined,
    listeners: undefined,
    gauges: undefined,
    stats: undefined,
  },
  system: { threadCount: undefined, rssBytes: undefined, pssBytes: undefined, countsReferences: false },
  complaints: [],
  heap: HEAP,
  settled: { settled: true, afterMs: 0, heldAfterMs: 0 },
});
