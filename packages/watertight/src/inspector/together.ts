import { mergeComplaints } from '../verdict/complaint.ts';
import { examineTogether } from './heap-together.ts';
import type { InsideView } from './types.ts';
import { InsideViewError } from './unavailable.ts';

type Counts = Readonly<Record<string, number>>;

/**
 * Several processes that serve the same clients, seen as one: counts are added up, of delays the longest counts. Factories
 * are one per process, and none of them speaks for all, so none is asked.
 */
export function together(views: readonly [InsideView, ...InsideView[]]): InsideView {
  const [first, ...others] = views;
  if (others.length === 0) return first;
  const all = <T>(ask: (view: InsideView) => Promise<T>): Promise<T[]> => Promise.all(views.map(ask));
  return {
    pid: first.pid,
    factory: undefined,
    handles: async () => summed(await all((view) => view.handles())),
    instances: async () => summed(await all((view) => view.instances())),
    processListeners: async () => summed(await all((view) => view.processListeners())),
    memory: async () => {
      const seen = await all((view) => view.memory());
      const sum = (read: (memory: (typeof seen)[number]) => number): number =>
        seen.reduce((total, memory) => total + read(memory), 0);
      return {
        heapUsedBytes: sum((it) => it.heapUsedBytes),
        rssBytes: sum((it) => it.rssBytes),
        externalBytes: sum((it) => it.externalBytes),
      };
    },
    complaints: async () =>
      mergeComplaints((await all((view) => view.complaints())).flat(), (one, other) => one + other),
    loopDelayMs: async () => Math.max(...(await all((view) => view.loopDelayMs()))),
    examineHeap: async (options) => {
      const [one, ...more] = await all((view) => view.examineHeap(options));
      if (one === undefined) throw new InsideViewError('no process is left to examine');
      return examineTogether([one, ...more]);
    },
    close: async () => {
      await all((view) => view.close());
    },
  };
}

function summed(counts: readonly Counts[]): Counts {
  const total: Record<string, number> = {};
  for (const one of counts) for (const [name, count] of Object.entries(one)) total[name] = (total[name] ?? 0) + count;
  return total;
}
