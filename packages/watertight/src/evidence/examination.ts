import type { HeapExamination, HeapLook } from '../inspector/heap-types.ts';
import type { AllocatedLine } from '../target/python-lines.ts';
import type { Complaint } from '../verdict/complaint.ts';
import { complaintsOf } from './complaints.ts';
import type { Counts } from './counts.ts';
import { openedSince, openFiles, type OpenOn } from './open-files.ts';
import { poll } from './poll.ts';
import { lookAtProcesses, type ProcessLook } from './process-look.ts';
import { firstLook, settledLook, steadyLook, type Lookable, type ServerLook, type Settled } from './server-look.ts';

/** Above this a walk stops the target for more than a second: some 700 000 small objects. */
const DEAR_HEAP_BYTES = 48 * 1024 ** 2;

/** Everything that was seen at one moment between two windows. */
export interface Look {
  /** Cycles since the look before; 0 after a wait. */
  readonly cycles: number;
  readonly atMs: number;
  readonly server: ServerLook;
  /** Threads and memory of all processes, as the system shows them. */
  readonly system: SystemLook;
  /** What the target complained of so far. */
  readonly complaints: readonly Complaint[];
  readonly heap: HeapLook | undefined;
  /** What is alive by the line that allocated it, of a target whose language tells. */
  readonly lines?: readonly AllocatedLine[] | undefined;
  readonly settled: Pick<Settled, 'settled' | 'afterMs' | 'heldAfterMs'>;
}

export type SystemLook = Pick<ProcessLook, 'threadCount' | 'rssBytes' | 'pssBytes' | 'countsReferences'>;

/** Looks at one server between windows of cycles, inside and outside; keeps every look in order. The first is the baseline. */
export class Examination {
  readonly looks: Look[] = [];
  readonly #context: Lookable;
  readonly #heap: HeapExamination | undefined;
  #start: ServerLook | undefined;
  #isDear = false;
  #filesBefore: Counts = {};
  readonly #linePids: number[] = [];

  private constructor(context: Lookable, heap: HeapExamination | undefined) {
    this.#context = context;
    this.#heap = heap;
  }

  /**
   * Opens the heap where it can be opened and collects once, so that the warm-up comes after the first collection. Without
   * `stacks` nothing is sampled: lives and looks are cheaper, and nobody knows who made what.
   */
  static async begin(context: Lookable, patienceMs: number, stacks: boolean): Promise<Examination> {
    const examination = new Examination(context, await context.inside?.examineHeap());
    try {
      examination.#start = await firstLook(context, patienceMs);
      if (stacks) await examination.#countLines();
      if (!stacks) await examination.#heap?.stopSampling();
      const look = await examination.#heap?.look(SURVIVORS_ALONE);
      examination.#isDear = (look?.memory.heapUsedBytes ?? 0) > DEAR_HEAP_BYTES;
      return examination;
    } catch (error) {
      await examination.end();
      throw error;
    }
  }

  get heap(): HeapExamination | undefined {
    return this.#heap;
  }

  get baseline(): Look {
    const [first] = this.looks;
    if (first === undefined) throw new Error('there is no baseline yet');
    return first;
  }

  get last(): Look {
    return this.looks.at(-1) ?? this.baseline;
  }

  /** The last that walked over the heap, where there is one to walk over. */
  get lastWalk(): Look {
    return this.looks.findLast(({ heap }) => heap === undefined || heap.classes.length > 0) ?? this.baseline;
  }

  /** Whether the heap is so large that it is walked only where it has to be: at the baseline, and after the last window. */
  get isDear(): boolean {
    return this.#isDear;
  }

  /** After the warm-up: what is there now is the server's own. */
  async lookAtBaseline(settleMs: number): Promise<Look> {
    if (this.#start === undefined) throw new Error('the examination has not begun');
    const startedAtMs = performance.now();
    const server = await steadyLook(this.#context, this.#start, settleMs);
    const afterMs = performance.now() - startedAtMs;
    this.#filesBefore = openFiles(this.#context.target.pids);
    return this.#keep(0, server, { settled: true, afterMs, heldAfterMs: afterMs });
  }

  /** After a window of cycles, when everything that is seen from outside is back or the time to settle is over. */
  async lookAfter(cycles: number, patienceMs: number, what: Partial<LookDepth> = {}): Promise<Look> {
    const { look, ...settled } = await settledLook(this.#context, this.baseline.server, { patienceMs, lives: cycles });
    return this.#keep(cycles, look, settled, what);
  }

  /** Looks at the survivors once more: what the engine itself lets go of only at the next collection is gone then. */
  async lookTwice(): Promise<void> {
    if (this.#heap === undefined || this.last.heap?.sampled !== true) return;
    this.looks.push({
      ...this.last,
      cycles: 0,
      atMs: performance.now(),
      heap: await this.#heap.look(SURVIVORS_ALONE),
    });
  }

  /** A look of its own, which no window is measured from: for questions that are asked beside the windows. */
  async lookBeside(
    cycles: number,
    against: ServerLook,
    patienceMs: number,
    what: Partial<LookDepth> = {},
  ): Promise<Look> {
    const { look, ...settled } = await settledLook(this.#context, against, { patienceMs, lives: cycles });
    return await this.#see(cycles, look, settled, what);
  }

  /** Looks again while nothing happens, until `isOver` or for `waitMs` at most. */
  async lookAgain(waitMs: number, isOver: (look: Look) => boolean, what: Partial<LookDepth> = {}): Promise<Look> {
    const everyMs = Math.max(250, waitMs / 10);
    const { last } = await poll(
      async () => {
        const { look, ...settled } = await settledLook(this.#context, this.baseline.server, {
          patienceMs: 0,
          lives: 0,
        });
        return await this.#see(0, look, settled, what);
      },
      isOver,
      { deadlineMs: waitMs, everyMs, signal: this.#context.signal },
    );
    this.looks.push(last);
    return last;
  }

  /** The files that are open now and were not at the baseline. */
  openedFiles(): readonly OpenOn[] {
    return openedSince(this.#filesBefore, openFiles(this.#context.target.pids));
  }

  /** Ends the view into the heap. Idempotent. */
  async end(): Promise<void> {
    // A target that died has ended it already.
    await this.#heap?.close().catch(() => undefined);
    const { lines } = this.#context.target;
    await Promise.all(this.#linePids.splice(0).map(async (pid) => await lines?.stop(pid)));
  }

  /** Of all processes that serve, or of none: a part would look like something that does not grow. */
  async #countLines(): Promise<void> {
    const { lines, pids } = this.#context.target;
    if (lines === undefined || this.#heap !== undefined || pids.length === 0) return;
    const started = await Promise.all(pids.map(async (pid) => await lines.start(pid)));
    if (started.every(Boolean)) this.#linePids.push(...pids);
  }

  async #lookAtLines(): Promise<readonly AllocatedLine[] | undefined> {
    if (this.#linePids.length === 0) return undefined;
    const { lines } = this.#context.target;
    const seen = await Promise.all(this.#linePids.map(async (pid) => await lines?.look(pid)));
    return seen.some((one) => one === undefined) ? undefined : seen.flatMap((one) => one ?? []);
  }

  async #keep(
    cycles: number,
    server: ServerLook,
    settled: Look['settled'],
    what: Partial<LookDepth> = {},
  ): Promise<Look> {
    const look = await this.#see(cycles, server, settled, what);
    this.looks.push(look);
    return look;
  }

  async #see(cycles: number, server: ServerLook, settled: Look['settled'], what: Partial<LookDepth>): Promise<Look> {
    const depth = { classes: true, collections: true, ...what };
    const [heap, complaints] = await Promise.all([this.#heap?.look(depth), complaintsOf(this.#context)]);
    // The proportional memory makes the process wait, as a walk does.
    const { threadCount, rssBytes, pssBytes, countsReferences } = await lookAtProcesses(this.#context.target.pids, {
      pss: depth.classes,
    });
    const system = { threadCount, rssBytes, pssBytes, countsReferences };
    const lines = depth.classes ? await this.#lookAtLines() : undefined;
    return { cycles, atMs: performance.now(), server, system, complaints, heap, lines, settled };
  }
}

export const SURVIVORS_ALONE: LookDepth = { classes: false, collections: false };

/** How far a look goes into the heap. */
export interface LookDepth {
  readonly classes: boolean;
  readonly collections: boolean;
}
