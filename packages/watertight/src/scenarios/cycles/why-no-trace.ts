import type { SnapshotCost } from '../../trace/snapshot-cost.ts';
import type { Effort } from '../types.ts';

/** Memory of a container that is left free. */
const FREE_SHARE = 0.1;
/** Three snapshots, and what comes between them takes as long as one more. */
const STOPS_TO_AFFORD = 4;

export interface AboutTarget {
  /** As a walk over its heap counted them. */
  readonly objectCount: number;
  /** What one heap snapshot of so many will cost. */
  readonly cost: SnapshotCost;
  readonly rssBytes: number;
  /** Of the container it runs in; `undefined` without one. */
  readonly limitBytes: number | undefined;
  /** What is left of the budget. */
  readonly leftMs: number;
}

/** Why no heap snapshot is taken, in words that say what would change it; `undefined` where nothing speaks against it. */
export function whyNoTrace(
  effort: Pick<Effort, 'trace' | 'maxStopMs'>,
  bail: boolean,
  { objectCount, cost, rssBytes, limitBytes, leftMs }: AboutTarget,
): string | undefined {
  if (!effort.trace) return 'no trace was made (--no-trace)';
  if (bail) return 'no trace was made, as the run stops at the first violation (--bail)';
  const stopMs = stopMsOf(cost);
  if (stopMs > effort.maxStopMs)
    return `a heap snapshot of ${objectCount} objects would stop the target for about ${stopMs} ms, more than --max-stop ${effort.maxStopMs} ms allows`;
  const wantedBytes = rssBytes + cost.targetBytes;
  if (limitBytes !== undefined && wantedBytes > limitBytes * (1 - FREE_SHARE))
    return `a heap snapshot would take the target to about ${megabytes(wantedBytes)} MB, its container has ${megabytes(limitBytes)} MB`;
  if (STOPS_TO_AFFORD * stopMs > leftMs) return 'the budget was used up before a trace (--budget)';
  return undefined;
}

export function stopMsOf({ stopSeconds }: SnapshotCost): number {
  return Math.round(stopSeconds * 1_000);
}

export function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}
