import type { InspectorChannel } from './channel.ts';
import { examineHeap, type ExamineHeapOptions } from './heap-examiner.ts';
import type { WorkerExamination } from './heap-types.ts';
import { attachToWorkers } from './workers.ts';

/** Begins an examination of every worker thread that runs now. One that cannot be examined is listed with the reason. */
export async function examineWorkers(
  channel: InspectorChannel,
  options?: ExamineHeapOptions,
): Promise<{ readonly workers: readonly WorkerExamination[]; close(): Promise<void> }> {
  const attached = await attachToWorkers(channel);
  const examined = await Promise.all(
    attached.workers.map(async ({ workerId, url, channel: worker }): Promise<WorkerExamination> => {
      try {
        return { workerId, url, examination: await examineHeap(worker, options), reason: undefined };
      } catch (error) {
        return { workerId, url, examination: undefined, reason: (error as Error).message };
      }
    }),
  );
  return {
    workers: examined,
    close: async () => {
      for (const { examination } of examined) await examination?.close();
      await attached.detach();
    },
  };
}
