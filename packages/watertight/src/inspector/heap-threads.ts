import type { InspectorChannel } from './channel.ts';
import { examineHeap, type ExamineHeapOptions } from './heap-examiner.ts';
import { examineTogether } from './heap-together.ts';
import type { HeapExamination, HeapLookOptions } from './heap-types.ts';
import { WorkerHeap } from './worker-heap.ts';
import { attachToWorkers, type WorkerThread } from './workers.ts';

/** A pool may be made by the first connections, which come between the first look and the baseline. */
const JOINS_UNTIL_LOOK = 1;

/**
 * Begins an examination of all threads of a process as one: the main thread, every worker thread that runs now, and those that
 * start before the second look. What starts later would look like growth: it is counted and said to be left out.
 */
export async function examineThreads(
  channel: InspectorChannel,
  options?: ExamineHeapOptions,
): Promise<HeapExamination> {
  const main = await examineHeap(channel, options);
  try {
    return await Threads.open(channel, main, options);
  } catch (error) {
    await main.close();
    throw error;
  }
}

class Threads {
  readonly #channel: InspectorChannel;
  readonly #options: ExamineHeapOptions | undefined;
  readonly #workers: WorkerHeap[] = [];
  readonly #notes: string[] = [];
  readonly #parts: [HeapExamination, ...HeapExamination[]];
  #starting: Promise<void>[] = [];
  #lookCount = 0;
  #lateCount = 0;

  private constructor(channel: InspectorChannel, main: HeapExamination, options: ExamineHeapOptions | undefined) {
    this.#channel = channel;
    this.#parts = [main];
    this.#options = options;
  }

  static async open(
    channel: InspectorChannel,
    main: HeapExamination,
    options: ExamineHeapOptions | undefined,
  ): Promise<HeapExamination> {
    const threads = new Threads(channel, main, options);
    const attached = await attachToWorkers(channel, (thread) => threads.#start(thread));
    await Promise.all(threads.#starting);
    const all = examineTogether(threads.#parts);
    // Alone, its classes are told apart although they have one name.
    const one = (): HeapExamination => (threads.#workers.length === 0 ? main : all);
    return {
      look: async (depth: HeapLookOptions) => {
        await threads.#join();
        return await one().look(depth);
      },
      stopSampling: () => one().stopSampling(),
      positionOf: (classId) => one().positionOf(classId),
      scripts: () => one().scripts(),
      snapshot: (onChunk, ofClasses) => one().snapshot(onChunk, ofClasses),
      allocationProfiles: () => one().allocationProfiles(),
      plant: (count) => one().plant(count),
      unseen: () => [...one().unseen(), ...threads.#unseen()],
      close: async () => {
        await Promise.all(threads.#starting);
        await all.close();
        await attached.detach();
      },
    };
  }

  #start(thread: WorkerThread): void {
    if (this.#lookCount > JOINS_UNTIL_LOOK) {
      this.#lateCount += 1;
      void thread.leave();
      return;
    }
    this.#starting.push(this.#begin(thread));
  }

  async #begin(thread: WorkerThread): Promise<void> {
    const missedCount = this.#lookCount;
    try {
      const heap = new WorkerHeap(await examineHeap(thread.channel, this.#options), thread, missedCount);
      this.#workers.push(heap);
      this.#parts.push(heap);
    } catch (error) {
      if (thread.hasEnded()) return;
      const why = error instanceof Error ? error.message : String(error);
      this.#notes.push(`a worker thread (${thread.url}) could not be examined: ${why}`);
    }
  }

  async #join(): Promise<void> {
    // Of a thread that runs already we may not have heard yet; what was said before this answer has come with it.
    await this.#channel.call('Runtime.getIsolateId');
    const starting = this.#starting;
    this.#starting = [];
    await Promise.all(starting);
    this.#lookCount += 1;
  }

  #unseen(): readonly string[] {
    const late =
      this.#lateCount === 0
        ? []
        : [
            `${this.#lateCount} worker thread${this.#lateCount === 1 ? '' : 's'} started after the baseline and ${this.#lateCount === 1 ? 'was' : 'were'} not examined`,
          ];
    return [...this.#notes, ...late];
  }
}
