import type { Complaint } from '../verdict/complaint.ts';
import { Complaints } from './complaints.ts';
import { callOn, evaluate, evaluateHandle, OBJECT_GROUP, OWN_FUNCTIONS } from './evaluate.ts';
import { findFactory } from './inside-factory.ts';
import type { ExamineHeapOptions } from './heap-examiner.ts';
import { examineThreads } from './heap-threads.ts';
import type { HeapExamination } from './heap-types.ts';
import { countInstances } from './instances.ts';
import type { InspectorSession } from './session.ts';
import type { InsideFactory, ProcessView } from './types.ts';
import { sampleTraffic, type TrafficSampler } from './traffic-sampler.ts';
import { InsideViewError } from './unavailable.ts';

const CLOSE_TIMEOUT_MS = 1_000;
/** How often the target's loop is looked at; a delay shorter than this may be missed. */
const LOOP_RESOLUTION_MS = 10;

/** Makes a view of an open session. `opened`: the inspector was opened by us and is closed with the view. */
export async function makeInsideView(
  session: InspectorSession,
  pid: number,
  opened: boolean,
  factoryName?: string,
): Promise<ProcessView> {
  if (!(await evaluate<boolean>(session, `() => typeof process.getBuiltinModule === 'function'`))) {
    const version = await evaluate<string>(session, '() => process.version');
    throw new InsideViewError(`process ${pid} runs Node ${version}; to look inside, Node 20.16 or later is needed`);
  }
  const factory = await findFactory(session, factoryName);
  const monitor = await startLoopMonitor(session);
  return new SessionView(session, pid, opened, factory, monitor, await Complaints.listen(session));
}

/**
 * An unref'd timer that notes by how much it was late. Started with the session, so that it stands in every count of
 * instances alike, and held by a handle of the session only. Not `monitorEventLoopDelay`: after each reset its first
 * interval is not recorded, and a delay there would stay unseen. Not a round trip: the inspector interrupts a blocked loop.
 */
function startLoopMonitor(session: InspectorSession): Promise<string> {
  return evaluateHandle(
    session,
    `(function watertightMonitor() {
      const now = () => performance.now();
      const monitor = { longestMs: 0, lastMs: now(), timer: undefined };
      monitor.tick = function watertightTick() {
        const tickedMs = now();
        monitor.longestMs = Math.max(monitor.longestMs, tickedMs - monitor.lastMs - ${LOOP_RESOLUTION_MS});
        monitor.lastMs = tickedMs;
      };
      monitor.timer = setInterval(monitor.tick, ${LOOP_RESOLUTION_MS}).unref();
      return monitor;
    })()`,
  );
}

class SessionView implements ProcessView {
  readonly pid: number;
  readonly factory: InsideFactory | undefined;
  readonly #session: InspectorSession;
  readonly #opened: boolean;
  readonly #loopMonitor: string;
  readonly #complaints: Complaints;
  #closing: Promise<void> | undefined;

  constructor(
    session: InspectorSession,
    pid: number,
    opened: boolean,
    factory: InsideFactory | undefined,
    loopMonitor: string,
    complaints: Complaints,
  ) {
    this.#session = session;
    this.pid = pid;
    this.#opened = opened;
    this.factory = factory;
    this.#loopMonitor = loopMonitor;
    this.#complaints = complaints;
  }

  handles(): Promise<Readonly<Record<string, number>>> {
    const source = `() => {
      const counts = {};
      for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
      return counts;
    }`;
    return evaluate(this.#session, source);
  }

  instances(): Promise<Readonly<Record<string, number>>> {
    return countInstances(this.#session);
  }

  processListeners(): Promise<Readonly<Record<string, number>>> {
    const source = `() => {
      const isOurs = (listener) =>
        String(Object.getOwnPropertyDescriptor(listener, 'name')?.value).startsWith('${OWN_FUNCTIONS}');
      const counts = process.eventNames().map((name) => [String(name), process.listeners(name).filter((it) => !isOurs(it)).length]);
      return Object.fromEntries(counts.filter(([, count]) => count > 0));
    }`;
    return evaluate(this.#session, source);
  }

  memory(): Promise<{ readonly heapUsedBytes: number; readonly rssBytes: number; readonly externalBytes: number }> {
    const source = `() => {
      const { heapUsed, rss, external } = process.memoryUsage();
      return { heapUsedBytes: heapUsed, rssBytes: rss, externalBytes: external };
    }`;
    return evaluate(this.#session, source);
  }

  examineHeap(options?: ExamineHeapOptions): Promise<HeapExamination> {
    return examineThreads(this.#session, options);
  }

  sampleTraffic(intervalBytes: number): Promise<TrafficSampler> {
    return sampleTraffic(this.#session, intervalBytes);
  }

  complaints(): Promise<readonly Complaint[]> {
    return this.#complaints.heard();
  }

  async loopDelayMs(): Promise<number> {
    // A turn of the loop first: the inspector may look in the middle of a delay, and what counts is the whole of it.
    await evaluate(this.#session, `() => undefined`);
    const source = `function () { this.tick(); const { longestMs } = this; this.longestMs = 0; return longestMs; }`;
    return callOn<number>(this.#session, this.#loopMonitor, source);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Each step may fail because the target is gone, and then there is nothing left to take back.
    const session = this.#session;
    await this.#complaints.close();
    await callOn(session, this.#loopMonitor, 'function () { clearInterval(this.timer); }', CLOSE_TIMEOUT_MS).catch(
      () => undefined,
    );
    await session
      .call('Runtime.releaseObjectGroup', { objectGroup: OBJECT_GROUP }, CLOSE_TIMEOUT_MS)
      .catch(() => undefined);
    if (this.#opened) await closeInspector(session);
    await session.close();
  }
}

/** Closing drops our own connection before it could answer: the drop is the answer. */
export async function closeInspector(session: InspectorSession): Promise<void> {
  // A Node too old to be looked into is opened before that is known, and has no getBuiltinModule.
  const inspector = `process.getBuiltinModule?.('node:inspector') ?? require('node:inspector')`;
  const expression = `setImmediate((inspector) => inspector.close(), ${inspector}); undefined`;
  const sent = await session
    .call('Runtime.evaluate', { expression, silent: true, includeCommandLineAPI: true }, CLOSE_TIMEOUT_MS)
    .catch(() => undefined);
  if (sent) await session.closedByTarget(CLOSE_TIMEOUT_MS);
}
