import type { InspectorChannel } from './channel.ts';

/** A snapshot stops its process for about 3.3 µs a node; ten minutes are 180 million of them. */
const TIMEOUT_MS = 600_000;

export interface HeapSnapshotOptions {
  /** Give up after this long; default 600 000 ms. */
  readonly timeoutMs?: number;
  /** Small integers become nodes too, so that a collection of nothing but numbers is seen to grow; default: not. */
  readonly numericValues?: boolean;
}

/**
 * Has the target write a heap snapshot and hands its text over piece by piece while it is written; no piece is kept here. The
 * target is stopped meanwhile: say so beforehand. Resolves when the last piece was handed over.
 *
 * What `onChunk` throws ends the listening and rejects; the target still finishes its snapshot.
 *
 * @throws {@link InsideViewError} when the target refuses, dies, or takes longer than `timeoutMs`.
 */
export async function takeHeapSnapshot(
  channel: InspectorChannel,
  onChunk: (chunk: string) => void,
  { timeoutMs = TIMEOUT_MS, numericValues = false }: HeapSnapshotOptions = {},
): Promise<void> {
  let failed: { readonly reason: unknown } | undefined;
  const end = channel.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => {
    if (failed || typeof chunk !== 'string') return;
    try {
      onChunk(chunk);
    } catch (reason) {
      failed = { reason };
    }
  });
  try {
    const params = { reportProgress: false, captureNumericValue: numericValues };
    await channel.call('HeapProfiler.takeHeapSnapshot', params, timeoutMs);
  } finally {
    end();
  }
  if (failed) throw failed.reason;
}
