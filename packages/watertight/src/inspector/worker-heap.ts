import type { HeapExamination, HeapLook, HeapLookOptions, SurvivorSite } from './heap-types.ts';
import type { WorkerThread } from './workers.ts';

/**
 * The heap of one worker thread as a part of its process: told as if it had been looked at from the first look on, with
 * nothing in it before it began, and with nothing in it any more once the thread has ended.
 */
export class WorkerHeap implements HeapExamination {
  readonly #heap: HeapExamination;
  readonly #thread: WorkerThread;
  /** Looks at the process before this thread was there. */
  readonly #missedCount: number;
  #lookCount: number;

  constructor(heap: HeapExamination, thread: WorkerThread, missedCount: number) {
    this.#heap = heap;
    this.#thread = thread;
    this.#missedCount = missedCount;
    this.#lookCount = missedCount;
  }

  get hasEnded(): boolean {
    return this.#thread.hasEnded();
  }

  async look(options: HeapLookOptions): Promise<HeapLook> {
    const index = this.#lookCount;
    this.#lookCount += 1;
    if (this.hasEnded) return nothing(index, options);
    try {
      return later(await this.#heap.look(options), this.#missedCount);
    } catch (error) {
      if (this.hasEnded) return nothing(index, options);
      throw error;
    }
  }

  stopSampling(): Promise<void> {
    return this.#unlessEnded(() => this.#heap.stopSampling(), undefined);
  }

  positionOf(classId: number): ReturnType<HeapExamination['positionOf']> {
    return this.#unlessEnded(() => this.#heap.positionOf(classId), undefined);
  }

  scripts(): ReturnType<HeapExamination['scripts']> {
    return this.#unlessEnded(() => this.#heap.scripts(), new Map());
  }

  snapshot(onChunk: (chunk: string) => void): Promise<void> {
    return this.#heap.snapshot(onChunk);
  }

  allocationProfiles(): ReturnType<HeapExamination['allocationProfiles']> {
    return this.#unlessEnded(() => this.#heap.allocationProfiles(), []);
  }

  plant(count: number): ReturnType<HeapExamination['plant']> {
    return this.#heap.plant(count);
  }

  unseen(): readonly string[] {
    return this.hasEnded ? [`the worker thread ${this.#thread.url} ended while it was examined`] : [];
  }

  close(): Promise<void> {
    return this.#unlessEnded(() => this.#heap.close(), undefined);
  }

  async #unlessEnded<Answer>(ask: () => Promise<Answer>, otherwise: Answer): Promise<Answer> {
    if (this.hasEnded) return otherwise;
    try {
      return await ask();
    } catch (error) {
      if (this.hasEnded) return otherwise;
      throw error;
    }
  }
}

function later(look: HeapLook, by: number): HeapLook {
  return {
    ...look,
    index: look.index + by,
    collections: look.collections?.map((row) => ({ ...row, sizes: [...zeros(by), ...row.sizes] })),
    listeners: look.listeners.map((row) => ({ ...row, counts: [...zeros(by), ...row.counts] })),
    survivors: look.survivors.map((site) => laterSite(site, by)),
    // The whole process has it, and the main thread has told it.
    memory: { ...look.memory, rssBytes: 0 },
  };
}

function laterSite(site: SurvivorSite, by: number): SurvivorSite {
  const none = zeros(by).map(() => ({ objects: 0, bytes: 0 }));
  const sizes = site.sizes.map((size) => ({ ...size, windows: [...zeros(by), ...size.windows] }));
  return { ...site, windows: [...none, ...site.windows], sizes };
}

function zeros(count: number): readonly number[] {
  return Array.from({ length: count }, () => 0);
}

function nothing(index: number, { classes, collections }: HeapLookOptions): HeapLook {
  return {
    index,
    stoppedMs: 0,
    classes: [],
    collections: collections ? [] : undefined,
    newCollections: [],
    sampled: true,
    survivors: [],
    listeners: [],
    timers: [],
    pendingPromises: classes ? 0 : undefined,
    handles: {},
    otherRealmCount: 0,
    walkedRealmCount: 0,
    runningChildren: classes ? 0 : undefined,
    memory: { heapUsedBytes: 0, externalBytes: 0, arrayBuffersBytes: 0, rssBytes: 0 },
  };
}
