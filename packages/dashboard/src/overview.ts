import type { FactoryStats, ManagerFactory, QuotaState } from '@watertight/server';

import type { FiringAlert } from './alert-log.ts';
import type { ProcessLook } from './process-look.ts';

/** How much of something happened in each second since the look before. */
export interface PerSecond {
  readonly created: number;
  readonly released: number;
  readonly refused: number;
}

/** One factory at the moment of a look. */
export interface FactoryLook {
  readonly name: string;
  readonly stats: FactoryStats;
  readonly options: ManagerFactory['options'];
  /** `null` at the first look. */
  readonly perSecond: PerSecond | null;
  /** The store by which nodes share limits, where there is one. */
  readonly quota: QuotaState | null;
  /** What fires now. */
  readonly alerts: readonly FiringAlert[];
}

/** Everything on the first page. `GET <base>/api/overview` answers this, and nothing in it is about one viewer. */
export interface Overview {
  readonly version: 1;
  /** ISO 8601. */
  readonly takenAt: string;
  readonly process: ProcessLook;
  readonly factories: readonly FactoryLook[];
  /** What the dashboard itself costs. */
  readonly looks: {
    /** Until the next look, in milliseconds, while somebody looks. */
    readonly everyMs: number;
    /** What the last one took. */
    readonly tookMs: number;
    readonly viewers: number;
  };
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

export function perSecondOf(stats: FactoryStats, before: FactoryStats | undefined): PerSecond | null {
  if (before === undefined) return null;
  const seconds = (stats.takenAtMs - before.takenAtMs) / 1000;
  if (seconds <= 0) return null;
  const rate = (now: number, then: number): number => Number(((now - then) / seconds).toFixed(1));
  return {
    created: rate(stats.created, before.created),
    released: rate(stats.released.total, before.released.total),
    refused: rate(sum(stats.refusedByReason), sum(before.refusedByReason)),
  };
}
