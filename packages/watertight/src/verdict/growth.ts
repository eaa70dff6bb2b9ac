import { subtractMemory, type MemoryRecord, type Snapshot } from './snapshot.ts';

/** Fewer than two snapshots: there is nothing to compare. */
export interface InsufficientData {
  readonly status: 'insufficient data';
  readonly snapshotCount: number;
}

/** Last snapshot minus first. */
export interface ResourceGrowth {
  readonly status: 'analyzed';
  readonly snapshotCount: number;
  readonly managers: number;
  readonly created: number;
  readonly released: number;
  readonly limitHits: number;
  readonly users: number;
  readonly cleanupRatio: number;
  readonly elapsedMs: number;
}

/** Bytes over the snapshots. Informational: healthy servers grow, and collection happens when it likes. */
export interface MemoryGrowth {
  readonly status: 'analyzed';
  readonly snapshotCount: number;
  /** Last minus first. */
  readonly total: MemoryRecord;
  /** Highest minus first. */
  readonly peak: MemoryRecord;
  readonly meanPerStep: MemoryRecord;
}

export function analyzeResourceGrowth(snapshots: readonly Snapshot[]): ResourceGrowth | InsufficientData {
  const first = snapshots[0];
  const last = snapshots.at(-1);
  if (first === undefined || last === undefined || snapshots.length < 2) return insufficient(snapshots);
  return {
    status: 'analyzed',
    snapshotCount: snapshots.length,
    managers: last.managers - first.managers,
    created: last.created - first.created,
    released: last.released - first.released,
    limitHits: last.limitHits - first.limitHits,
    users: last.users - first.users,
    cleanupRatio: last.cleanupRatio - first.cleanupRatio,
    elapsedMs: last.takenAtMs - first.takenAtMs,
  };
}

export function analyzeMemoryGrowth(snapshots: readonly Snapshot[]): MemoryGrowth | InsufficientData {
  const first = snapshots[0];
  const last = snapshots.at(-1);
  if (first === undefined || last === undefined || snapshots.length < 2) return insufficient(snapshots);
  const total = subtractMemory(last.memory, first.memory);
  const stepCount = snapshots.length - 1;
  const peakOf = (key: keyof MemoryRecord): number =>
    snapshots.reduce((most, { memory }) => Math.max(most, memory[key]), 0) - first.memory[key];
  return {
    status: 'analyzed',
    snapshotCount: snapshots.length,
    total,
    peak: {
      heapUsedBytes: peakOf('heapUsedBytes'),
      rssBytes: peakOf('rssBytes'),
      externalBytes: peakOf('externalBytes'),
    },
    meanPerStep: {
      heapUsedBytes: total.heapUsedBytes / stepCount,
      rssBytes: total.rssBytes / stepCount,
      externalBytes: total.externalBytes / stepCount,
    },
  };
}

function insufficient(snapshots: readonly Snapshot[]): InsufficientData {
  return { status: 'insufficient data', snapshotCount: snapshots.length };
}
