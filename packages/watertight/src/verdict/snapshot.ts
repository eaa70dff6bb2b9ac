import type { FactoryStats } from '@watertight/server';

/** Bytes in use by a process. Informational: no verdict is ever taken from them. */
export interface MemoryRecord {
  readonly heapUsedBytes: number;
  readonly rssBytes: number;
  readonly externalBytes: number;
}

/** The counts of a server that does not use `@watertight/server`. */
export interface CountsRecord {
  readonly managers: number;
  readonly created: number;
  readonly released: number;
  readonly limitHits: number;
  readonly users: number;
  /** Managers by user. */
  readonly perUser: Readonly<Record<string, number>>;
  /** Default: the memory of this process. */
  readonly memory?: MemoryRecord;
}

/** What a snapshot may be taken of: statistics, counts, or a function that yields one of them. */
export type SnapshotSource =
  | FactoryStats
  | CountsRecord
  | (() => FactoryStats | CountsRecord | Promise<FactoryStats | CountsRecord>);

/** One labelled moment. */
export interface Snapshot extends Required<CountsRecord> {
  readonly label: string;
  /** Milliseconds since the tracker was made. */
  readonly takenAtMs: number;
  /** Released share of everything created, 0 to 1; 1 when nothing was created yet. */
  readonly cleanupRatio: number;
  /** Bytes above (or below) the first snapshot. */
  readonly memoryDelta: MemoryRecord;
}

/**
 * Brings statistics and plain counts into one shape.
 *
 * @throws RangeError naming every count that is none: it would be in each difference and ratio.
 */
export function toCounts(source: FactoryStats | CountsRecord): CountsRecord {
  if (!('active' in source)) {
    requireCounts(source);
    return source;
  }
  return {
    managers: source.active + source.pending,
    created: source.created,
    released: source.released.total,
    limitHits: source.limitHits,
    users: source.users,
    perUser: Object.fromEntries(source.perUser.map((usage) => [usage.user, usage.held])),
  };
}

function requireCounts({ managers, created, released, limitHits, users, perUser, memory }: CountsRecord): void {
  const counts = Object.entries({ managers, created, released, limitHits, users });
  const ofUsers = Object.entries(perUser ?? {}).map(
    ([user, held]) => [`perUser[${JSON.stringify(user)}]`, held] as const,
  );
  const bytes = Object.entries(memory ?? {}).map(([name, value]) => [`memory.${name}`, value] as const);
  const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  const problems = [
    ...[...counts, ...ofUsers].filter(([, value]) => !isWhole(value)),
    ...bytes.filter(([, value]) => !Number.isFinite(value)),
  ].map(([name, value]) => `${name} is ${String(value)}`);
  if (problems.length > 0)
    throw new RangeError(`a snapshot needs whole numbers of at least 0, and memory in bytes: ${problems.join(', ')}`);
}

export function subtractMemory(later: MemoryRecord, earlier: MemoryRecord): MemoryRecord {
  return {
    heapUsedBytes: later.heapUsedBytes - earlier.heapUsedBytes,
    rssBytes: later.rssBytes - earlier.rssBytes,
    externalBytes: later.externalBytes - earlier.externalBytes,
  };
}

/** Of the process that asks. */
export function ownMemory(): MemoryRecord {
  const { heapUsed, rss, external } = process.memoryUsage();
  return { heapUsedBytes: heapUsed, rssBytes: rss, externalBytes: external };
}
