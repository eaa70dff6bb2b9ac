import type { History, Overview } from './types.ts';

/** What is drawn, in columns of equal length. */
export interface Series {
  /** Seconds since the epoch. */
  readonly at: readonly number[];
  readonly held: readonly number[];
  readonly connections: readonly number[];
  readonly createdPerSecond: readonly number[];
  readonly refusedPerSecond: readonly number[];
  readonly heapUsedBytes: readonly number[];
  readonly loopDelayMs: readonly number[];
}

/** As far back as the server remembers at 1 s; pages that stay open for days keep no more. */
const MOST_POINTS = 900;

export function seriesOf(history: History, factory: string): Series {
  const {
    held = [],
    connections = [],
    createdPerSecond = [],
    refusedPerSecond = [],
  } = history.factories[factory] ?? {};
  const { heapUsedBytes, loopDelayMs } = history.process;
  const at = history.atMs.map((ms) => ms / 1000);
  return { at, held, connections, createdPerSecond, refusedPerSecond, heapUsedBytes, loopDelayMs };
}

/** One look more at the end. */
export function withLook(series: Series, overview: Overview, factory: string): Series {
  const at = Date.parse(overview.takenAt) / 1000;
  const look = overview.factories.find(({ name }) => name === factory);
  if (look === undefined || at <= (series.at.at(-1) ?? 0)) return series;
  const { active, pending, connections } = look.stats;
  const add = (column: readonly number[], value: number): readonly number[] =>
    column.length < MOST_POINTS ? [...column, value] : [...column.slice(1 - MOST_POINTS), value];
  return {
    at: add(series.at, at),
    held: add(series.held, active + pending),
    connections: add(series.connections, connections),
    createdPerSecond: add(series.createdPerSecond, look.perSecond?.created ?? 0),
    refusedPerSecond: add(series.refusedPerSecond, look.perSecond?.refused ?? 0),
    heapUsedBytes: add(series.heapUsedBytes, overview.process.heapUsedBytes),
    loopDelayMs: add(series.loopDelayMs, overview.process.loopDelay.p99Ms),
  };
}
