import type {
  ClassCount,
  HeapExamination,
  HeapLook,
  NewCollection,
  SourcePosition,
  SurvivorSite,
  TimerCount,
} from './heap-types.ts';

/** Before it lie the first look and the baseline. */
const FIRST_WINDOW = 2;

/** One row of one process. */
interface Origin {
  readonly process: number;
  readonly id: number;
}

/**
 * Several heaps that run the same program, in processes or in threads, examined at the same moments: what connections leave
 * behind is spread over them, and only the sums are as exact as the counts of one. Classes are the same when their names are;
 * collections and emitters belong to their heap. `all` may become longer between two looks.
 */
export function examineTogether(all: readonly [HeapExamination, ...HeapExamination[]]): HeapExamination {
  const [first] = all;
  let sampled: readonly HeapLook[] = [];
  const walks: (readonly HeapLook[])[] = [];
  let chosen: HeapExamination | undefined;
  const numbers = new Map<string, number>();
  const origins = new Map<number, Origin>();
  const nameOfClass = new Map<number, string>();
  const numberOf = (key: string, origin: Origin): number => {
    const id = numbers.get(key) ?? numbers.size + 1;
    numbers.set(key, id);
    if (!origins.has(id)) origins.set(id, origin);
    return id;
  };
  const apart = <Row extends { readonly id: number }>(kind: string, rows: readonly Row[], process: number): Row[] =>
    rows.map((row) => ({ ...row, id: numberOf(`${kind}:${process}:${row.id}`, { process, id: row.id }) }));
  return {
    look: async (options) => {
      const looks = await Promise.all(all.map((one) => one.look(options)));
      if (looks.every((look) => look.sampled)) sampled = looks;
      if (options.classes) walks.splice(walks.length > 1 ? 1 : walks.length, 1, looks);
      const collections = looks.map((look) => look.collections);
      return {
        index: looks[0]?.index ?? 0,
        stoppedMs: Math.max(...looks.map((look) => look.stoppedMs)),
        classes: classesOf(looks, numberOf, nameOfClass),
        collections: collections.some((rows) => rows === undefined)
          ? undefined
          : collections.flatMap((rows, process) => apart('collection', rows ?? [], process)),
        newCollections: newCollectionsOf(looks),
        sampled: looks.every((look) => look.sampled),
        survivors: survivorsOf(looks),
        listeners: looks.flatMap((look, process) => apart('listener', look.listeners, process)),
        timers: timersOf(looks),
        pendingPromises: total(looks.map((look) => look.pendingPromises)),
        handles: handlesOf(looks),
        otherRealmCount: sum(looks.map((look) => look.otherRealmCount)),
        walkedRealmCount: sum(looks.map((look) => look.walkedRealmCount)),
        runningChildren: total(looks.map((look) => look.runningChildren)),
        memory: {
          heapUsedBytes: sum(looks.map((look) => look.memory.heapUsedBytes)),
          externalBytes: sum(looks.map((look) => look.memory.externalBytes)),
          arrayBuffersBytes: sum(looks.map((look) => look.memory.arrayBuffersBytes)),
          rssBytes: sum(looks.map((look) => look.memory.rssBytes)),
        },
      };
    },
    stopSampling: async () => {
      await Promise.all(all.map((one) => one.stopSampling()));
    },
    positionOf: async (classId) => {
      const origin = origins.get(classId);
      const position = origin === undefined ? undefined : await all[origin.process]?.positionOf(origin.id);
      return position === undefined || origin === undefined ? undefined : placed(position, origin.process);
    },
    scripts: () => (chosen ?? first).scripts(),
    // Why something is kept is the same in all that keep it: one is stopped for it, not all, and the same one every time.
    snapshot: (onChunk, ofClasses = []) => {
      const names = new Set(ofClasses.map((id) => nameOfClass.get(id)));
      const growth = growthOf(names, walks);
      const most = names.size === 0 ? fullest(sampled) : growth.indexOf(Math.max(0, ...growth));
      chosen ??= all[most] ?? first;
      const theirs = walks.at(-1)?.[all.indexOf(chosen)]?.classes ?? [];
      return chosen.snapshot(
        onChunk,
        theirs.filter(({ name }) => names.has(name)).map(({ id }) => id),
      );
    },
    allocationProfiles: async () => (await Promise.all(all.map((one) => one.allocationProfiles()))).flat(),
    unseen: () => all.flatMap((one) => one.unseen()),
    // A leak in one of them has to be seen in the sum.
    plant: (count) => first.plant(count),
    close: async () => {
      await Promise.all(all.map((one) => one.close()));
    },
  };
}

/** Which of them keeps most of what was allocated since the baseline. */
function fullest(looks: readonly HeapLook[]): number {
  const kept = looks.map(({ survivors }) =>
    sum(survivors.flatMap(({ windows }) => windows.slice(FIRST_WINDOW).map(({ objects }) => objects))),
  );
  return kept.indexOf(Math.max(0, ...kept));
}

/** By how much objects of these classes have become more in each of them, from the first walk to the last. */
function growthOf(names: ReadonlySet<string | undefined>, walks: readonly (readonly HeapLook[])[]): number[] {
  const countIn = (look: HeapLook | undefined): number =>
    sum((look?.classes ?? []).filter(({ name }) => names.has(name)).map(({ count }) => count));
  const [before] = walks;
  return (walks.at(-1) ?? []).map((look, index) => countIn(look) - countIn(before?.[index]));
}

function classesOf(
  looks: readonly HeapLook[],
  numberOf: (key: string, origin: Origin) => number,
  nameOfClass: Map<number, string>,
): ClassCount[] {
  const rows = new Map<string, ClassCount>();
  for (const [process, { classes }] of looks.entries()) {
    for (const { id, name, count } of classes) {
      const before = rows.get(name)?.count ?? 0;
      const number = numberOf(`class:${name}`, { process, id });
      nameOfClass.set(number, name);
      rows.set(name, { id: number, name, count: before + count });
    }
  }
  return [...rows.values()];
}

function survivorsOf(looks: readonly HeapLook[]): SurvivorSite[] {
  const sites = new Map<string, SurvivorSite>();
  for (const [process, { survivors }] of looks.entries()) {
    for (const site of survivors) {
      const stack = site.stack.map((position) => placed(position, process));
      const frames = stack.map(({ functionName, url, line, column }) => `${functionName}@${url}:${line}:${column}`);
      const key = frames.length === 0 ? `${process}:${site.key}` : frames.join('\n');
      const before = sites.get(key);
      sites.set(key, before === undefined ? { ...site, key, stack } : addSite(before, site));
    }
  }
  return [...sites.values()];
}

function addSite(one: SurvivorSite, other: SurvivorSite): SurvivorSite {
  const windows = other.windows.map(({ objects, bytes }, index) => ({
    objects: objects + (one.windows[index]?.objects ?? 0),
    bytes: bytes + (one.windows[index]?.bytes ?? 0),
  }));
  const sizes = new Map(one.sizes.map((size) => [size.bytes, size]));
  for (const size of other.sizes) {
    const before = sizes.get(size.bytes);
    const perWindow = size.windows.map((objects, index) => objects + (before?.windows[index] ?? 0));
    sizes.set(size.bytes, { ...size, objects: size.objects + (before?.objects ?? 0), windows: perWindow });
  }
  return { ...one, windows, sizes: [...sizes.values()] };
}

function timersOf(looks: readonly HeapLook[]): TimerCount[] {
  const rows = new Map<string, TimerCount>();
  for (const [process, { timers }] of looks.entries()) {
    for (const timer of timers) {
      const { kind, callback, position, referenced } = timer;
      const key = JSON.stringify([kind, callback, position?.url, position?.line, position?.column, referenced]);
      const count = timer.count + (rows.get(key)?.count ?? 0);
      rows.set(key, { ...timer, count, position: position && placed(position, process) });
    }
  }
  return [...rows.values()];
}

/** Each process may have one of its own that is made anew: together they grow as their sum. */
function newCollectionsOf(looks: readonly HeapLook[]): readonly NewCollection[] {
  const byKind = new Map<string, NewCollection>();
  for (const { kind, size, holds } of looks.flatMap(({ newCollections }) => newCollections)) {
    const other = byKind.get(kind);
    byKind.set(kind, {
      kind,
      size: size + (other?.size ?? 0),
      holds: [...new Set([...(other?.holds ?? []), ...holds])],
    });
  }
  return [...byKind.values()];
}

function handlesOf(looks: readonly HeapLook[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { handles } of looks)
    for (const [kind, count] of Object.entries(handles)) counts[kind] = (counts[kind] ?? 0) + count;
  return counts;
}

/** Every process numbers its scripts by itself. */
function placed(position: SourcePosition, process: number): SourcePosition {
  return { ...position, scriptId: scriptId(position.scriptId, process) };
}

function scriptId(id: string, process: number): string {
  return `${process}:${id}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((before, value) => before + value, 0);
}

/** Unknown in one of them, unknown in all. */
function total(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? sum(known) : undefined;
}
