import type { ClassCount, HeapExamination, HeapLook, SourcePosition, SurvivorSite, TimerCount } from './heap-types.ts';

/** One row of one process. */
interface Origin {
  readonly process: number;
  readonly id: number;
}

/**
 * Several processes that run the same program, examined at the same moments: what connections leave behind is spread over
 * them, and only the sums are as exact as the counts of one process. Classes are the same when their names are; collections
 * and emitters belong to their process.
 */
export function examineTogether(all: readonly [HeapExamination, ...HeapExamination[]]): HeapExamination {
  const [first] = all;
  const numbers = new Map<string, number>();
  const origins = new Map<number, Origin>();
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
      const collections = looks.map((look) => look.collections);
      return {
        index: looks[0]?.index ?? 0,
        stoppedMs: Math.max(...looks.map((look) => look.stoppedMs)),
        classes: classesOf(looks, numberOf),
        collections: collections.some((rows) => rows === undefined)
          ? undefined
          : collections.flatMap((rows, process) => apart('collection', rows ?? [], process)),
        sampled: looks.every((look) => look.sampled),
        survivors: survivorsOf(looks),
        listeners: looks.flatMap((look, process) => apart('listener', look.listeners, process)),
        timers: timersOf(looks),
        pendingPromises: total(looks.map((look) => look.pendingPromises)),
        handles: handlesOf(looks),
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
    scripts: async () => {
      const known = await Promise.all(all.map((one) => one.scripts()));
      return new Map(
        known.flatMap((scripts, process) =>
          [...scripts].map(([id, script]) => [scriptId(id, process), script] as const),
        ),
      );
    },
    // Why something is kept is the same in all of them: one is stopped for it, not all.
    snapshot: (onChunk) => first.snapshot(onChunk),
    // A leak in one of them has to be seen in the sum.
    plant: (count) => first.plant(count),
    close: async () => {
      await Promise.all(all.map((one) => one.close()));
    },
  };
}

function classesOf(looks: readonly HeapLook[], numberOf: (key: string, origin: Origin) => number): ClassCount[] {
  const rows = new Map<string, ClassCount>();
  for (const [process, { classes }] of looks.entries()) {
    for (const { id, name, count } of classes) {
      const before = rows.get(name)?.count ?? 0;
      rows.set(name, { id: numberOf(`class:${name}`, { process, id }), name, count: before + count });
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
