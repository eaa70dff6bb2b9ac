import { basename } from 'node:path';
import type { AllocatedLine } from '../target/python-lines.ts';
import type { HeapLook, SourcePosition, SurvivorSite } from '../inspector/heap-types.ts';
import type { FindingKind } from '../verdict/finding.ts';
import type { Counts } from './counts.ts';
import type { Look } from './examination.ts';

/** One thing that was counted at every look. */
export interface Series {
  readonly kind: FindingKind;
  /** The same thing has the same key at every look. */
  readonly key: string;
  readonly name: string;
  /** One for each look, the baseline first; `undefined` where it was not counted. */
  readonly counts: readonly (number | undefined)[];
  readonly about: SeriesAbout;
}

/** What is known about it beyond its number. */
export interface SeriesAbout {
  /** For classes: by this the class is found again. */
  readonly classId?: number;
  /** For collections. */
  readonly holds?: readonly string[];
  /** It is another one each time. */
  readonly isCopied?: boolean;
  /** For timers, and for what is counted by line. */
  readonly position?: SourcePosition | undefined;
  readonly delayMs?: number;
  readonly repeats?: boolean;
}

/** One allocation stack, with what is left of each window at the last look. */
export interface Site {
  readonly site: SurvivorSite;
  readonly windows: readonly { readonly cycles: number; readonly objects: number; readonly bytes: number }[];
  /** The same for the objects of each size alone: numbers of objects in the windows. */
  readonly bySize: readonly (readonly number[])[];
}

interface Row {
  readonly key: string;
  readonly name: string;
  readonly count: number;
  readonly about?: SeriesAbout;
}

type Pick = (look: Look) => readonly Row[] | undefined;

/** Everything that was counted, as it went from look to look. */
export function seriesOf(looks: readonly Look[]): readonly Series[] {
  const hasTimers = looks.some(({ heap }) => isWalked(heap));
  return [
    ...follow(looks, 'managers', ({ server }) => rows(server.held, ([name]) => name !== 'users')),
    ...follow(looks, 'users', ({ server }) => rows(server.held, ([name]) => name === 'users')),
    ...follow(looks, 'sockets', ({ server }) => rows(server.sockets)),
    ...follow(looks, 'handles', ({ server }) => rows(server.handles, ([name]) => !hasTimers || !isTimer(name))),
    ...follow(looks, 'descriptors', ({ server }) => rows(server.descriptors)),
    ...follow(looks, 'listeners', ({ server }) => rows(server.listeners, () => true, 'process#')),
    ...follow(looks, 'objects', ({ heap }) => classRows(heap)),
    ...follow(looks, 'objects', ({ lines }) => lineRows(lines)),
    ...follow(looks, 'promises', ({ heap }) => one('Promise never settled', heap?.pendingPromises)),
    ...follow(looks, 'realms', ({ heap }) => one('vm context', heap?.otherRealmCount)),
    ...follow(looks, 'timers', ({ heap }) => timerRows(heap)),
    ...follow(looks, 'processes', (look) => processRows(look)),
    ...follow(looks, 'threads', ({ system }) => one('thread', system.threadCount)),
    ...follow(looks, 'gauges', ({ server }) => rows(server.gauges)),
    ...blindMemory(looks),
    ...collectionSeries(looks),
    ...copiedSeries(looks),
    ...listenerSeries(looks),
  ];
}

/** Timers are followed one by one, with what they call, wherever the heap is seen. */
function isTimer(name: string): boolean {
  return name === 'Timeout' || name === 'Immediate';
}

/** The last look that went into collections knows how each of them was at every look before. */
function collectionSeries(looks: readonly Look[]): readonly Series[] {
  const last = looks.findLast((look) => look.heap?.collections !== undefined)?.heap;
  return (last?.collections ?? []).map(({ id, kind, sizes, holds }) => ({
    kind: 'collection',
    key: `collection:${id}`,
    name: collectionName(kind, holds),
    counts: historyOf(looks, sizes),
    about: { holds },
  }));
}

/**
 * A collection that is made anew for each that is put in, as a copy with one more, is another one at every look: it is followed as the largest of its kind
 * that came since the look before. At the first look all of them came.
 * One that once was smaller is no copy with one more, but something that comes and goes.
 */
function copiedSeries(looks: readonly Look[]): readonly Series[] {
  const first = looks.find(({ heap }) => heap?.collections !== undefined);
  const copied = follow(looks, 'collection', (look) => {
    if (look === first || look.heap?.collections === undefined) return undefined;
    return look.heap.newCollections.map(({ kind, size, holds }) => ({
      key: `copied ${kind}`,
      name: `copied ${collectionName(kind, holds)}`,
      count: size,
      about: { holds, isCopied: true },
    }));
  });
  return copied.filter(({ counts }) => {
    const known = counts.filter((count) => count !== undefined);
    return known.every((count, at) => count >= (known[at - 1] ?? 1));
  });
}

function collectionName(kind: string, holds: readonly string[]): string {
  return holds.length === 0 ? kind : `${kind} of ${holds.join(', ')}`;
}

/** Those on `process` are known without the heap, where they were asked for. */
function listenerSeries(looks: readonly Look[]): readonly Series[] {
  const last = looks.findLast((look) => look.heap?.collections !== undefined)?.heap;
  const isAsked = looks.some(({ server }) => server.listeners !== undefined);
  return (last?.listeners ?? [])
    .filter(({ emitter }) => !isAsked || emitter !== 'process')
    .map(({ id, emitter, event, counts }) => ({
      kind: 'listeners',
      key: `listeners:${id}`,
      name: `${emitter}#${event}`,
      counts: historyOf(looks, counts),
      about: {},
    }));
}

/** Only looks that went so far counted them. */
function historyOf(looks: readonly Look[], history: readonly number[]): readonly (number | undefined)[] {
  return looks.map(({ heap }) => (heap?.collections === undefined ? undefined : (history[heap.index] ?? 0)));
}

function isWalked(heap: HeapLook | undefined): boolean {
  return heap !== undefined && heap.classes.length > 0;
}

/** Where no heap is seen, what the system deals out is all that is known of memory. */
function blindMemory(looks: readonly Look[]): readonly Series[] {
  if (looks.some(({ heap }) => heap !== undefined)) return [];
  const [resident, proportional] = residentSeries(looks);
  return [proportional ?? resident].filter((series) => series !== undefined);
}

/** Memory as the system deals it out: it grows on healthy servers, so little is concluded from it. */
export function residentSeries(looks: readonly Look[]): readonly Series[] {
  return [
    ...follow(looks, 'native-memory', ({ system }) => one('resident memory', system.rssBytes)),
    ...follow(looks, 'native-memory', ({ system }) => one('proportional memory', system.pssBytes)),
  ];
}

/** Bytes outside the heap that belong to objects in it. */
export function memorySeries(looks: readonly Look[]): readonly Series[] {
  return follow(looks, 'native-memory', ({ heap }) =>
    heap === undefined
      ? undefined
      : [
          { key: 'arrayBuffers', name: 'memory of buffers', count: heap.memory.arrayBuffersBytes },
          {
            key: 'external',
            name: 'memory outside the heap',
            count: heap.memory.externalBytes - heap.memory.arrayBuffersBytes,
          },
        ],
  );
}

/** What the last look at survivors says of each allocation stack. Windows of waiting belong to no cycles and are left out. */
export function sitesOf(looks: readonly Look[]): readonly Site[] {
  const lastIndex = looks.findLastIndex(({ heap }) => heap?.sampled === true);
  const last = looks[lastIndex]?.heap;
  if (last === undefined) return [];
  const windows = looks.slice(1, lastIndex + 1).filter((look) => look.cycles > 0);
  return last.survivors.map((site) => ({
    site,
    windows: windows.map((look) => {
      const alive = look.heap === undefined ? undefined : site.windows[look.heap.index];
      return { cycles: look.cycles, objects: alive?.objects ?? 0, bytes: alive?.bytes ?? 0 };
    }),
    bySize: site.sizes.map((size) =>
      windows.map(({ heap }) => (heap === undefined ? 0 : (size.windows[heap.index] ?? 0))),
    ),
  }));
}

function follow(looks: readonly Look[], kind: FindingKind, pick: Pick): Series[] {
  const seen = looks.map((look) => {
    const found = pick(look);
    return found === undefined ? undefined : new Map(found.map((row) => [row.key, row]));
  });
  const known = new Map<string, Row>();
  for (const found of seen) for (const row of found?.values() ?? []) known.set(row.key, row);
  return [...known.values()].map(({ key, name, about }) => ({
    kind,
    key: `${kind}:${key}`,
    name,
    counts: seen.map((found) => (found === undefined ? undefined : (found.get(key)?.count ?? 0))),
    about: about ?? {},
  }));
}

function rows(
  counts: Counts | undefined,
  fits: (entry: readonly [string, number]) => boolean = () => true,
  prefix: string = '',
): Row[] | undefined {
  if (counts === undefined) return undefined;
  return Object.entries(counts)
    .filter(fits)
    .map(([name, count]) => ({ key: `${prefix}${name}`, name: `${prefix}${name}`, count }));
}

/** The system sees also those that Node has lost sight of, and knows what they run. */
function processRows({ server, heap }: Look): Row[] | undefined {
  return rows(server.children) ?? one('child process', heap?.runningChildren);
}

function one(name: string, count: number | undefined): Row[] | undefined {
  return count === undefined ? undefined : [{ key: name, name, count }];
}

/**
 * Node keeps a list for every delay that was ever asked for, until that delay is over: where delays differ by milliseconds, a
 * few more come with every window. The timers in them are counted one by one.
 */
const LISTS_OF_NODE: ReadonlySet<string> = new Set(['TimersList']);

function classRows(heap: HeapLook | undefined): Row[] | undefined {
  if (heap === undefined || heap.classes.length === 0) return undefined;
  return heap.classes
    .filter(({ name }) => !LISTS_OF_NODE.has(name))
    .map(({ id, name, count }) => ({ key: String(id), name, count, about: { classId: id } }));
}

/** Lines are told by their file's own name: where it is stands with the place. */
function lineRows(lines: readonly AllocatedLine[] | undefined): Row[] | undefined {
  const merged = new Map<string, Row>();
  for (const { file, line, count } of lines ?? []) {
    const key = `${file}:${line}`;
    const name = `object allocated at ${basename(file)}:${line}`;
    const position = { functionName: '', url: file, scriptId: '', line, column: 0 };
    merged.set(key, { key, name, count: count + (merged.get(key)?.count ?? 0), about: { position } });
  }
  return lines === undefined ? undefined : [...merged.values()];
}

function timerRows(heap: HeapLook | undefined): Row[] | undefined {
  if (heap === undefined || !isWalked(heap)) return undefined;
  const merged = new Map<string, Row>();
  for (const timer of heap.timers) {
    const where = timer.position === undefined ? '' : `${timer.position.url}:${timer.position.line}`;
    const key = `${timer.kind}|${timer.callback}|${where}`;
    const count = (merged.get(key)?.count ?? 0) + timer.count;
    const { position, delayMs, repeats } = timer;
    const name = `${timer.kind} calling ${timer.callback === '' ? '(anonymous)' : timer.callback}`;
    merged.set(key, { key, name, count, about: { position, delayMs, repeats } });
  }
  return [...merged.values()];
}
