import type { Overview } from './overview.ts';

/** What is drawn over time, in columns of equal length. */
export interface History {
  /** Milliseconds since the epoch. */
  readonly atMs: readonly number[];
  readonly process: {
    readonly heapUsedBytes: readonly number[];
    readonly loopDelayMs: readonly number[];
  };
  readonly factories: Readonly<Record<string, FactoryHistory>>;
}

export interface FactoryHistory {
  readonly held: readonly number[];
  readonly connections: readonly number[];
  readonly createdPerSecond: readonly number[];
  readonly refusedPerSecond: readonly number[];
}

interface Point {
  readonly atMs: number;
  readonly heapUsedBytes: number;
  readonly loopDelayMs: number;
  /** In the order of the factories. */
  readonly factories: readonly (readonly [held: number, connections: number, created: number, refused: number])[];
}

/** Every look of the last five minutes, and of the two hours before it one for each 15 s. */
const FINE_MS = 5 * 60_000;
const COARSE_STEP_MS = 15_000;
const COARSE_MS = 2 * 3_600_000;

/** Remembers a few figures of each look, and less of those long ago. */
export class HistoryKeeper {
  readonly #coarse: Point[] = [];
  #fine: Point[] = [];

  add({ takenAt, process, factories }: Overview): void {
    const atMs = Date.parse(takenAt);
    this.#fine.push({
      atMs,
      heapUsedBytes: process.heapUsedBytes,
      loopDelayMs: process.loopDelay.p99Ms,
      factories: factories.map(({ stats: { active, pending, connections }, perSecond }) => [
        active + pending,
        connections,
        perSecond?.created ?? 0,
        perSecond?.refused ?? 0,
      ]),
    });
    const old = this.#fine.findIndex((point) => point.atMs >= atMs - FINE_MS);
    for (const point of this.#fine.slice(0, Math.max(0, old))) {
      if (point.atMs - (this.#coarse.at(-1)?.atMs ?? 0) >= COARSE_STEP_MS) this.#coarse.push(point);
    }
    this.#fine = this.#fine.slice(Math.max(0, old));
    while ((this.#coarse[0]?.atMs ?? atMs) < atMs - COARSE_MS) this.#coarse.shift();
  }

  read(names: readonly string[]): History {
    const points = [...this.#coarse, ...this.#fine];
    return {
      atMs: points.map(({ atMs }) => atMs),
      process: {
        heapUsedBytes: points.map(({ heapUsedBytes }) => heapUsedBytes),
        loopDelayMs: points.map(({ loopDelayMs }) => loopDelayMs),
      },
      factories: Object.fromEntries(
        names.map((name, place) => {
          const column = (of: 0 | 1 | 2 | 3): readonly number[] =>
            points.map(({ factories }) => factories[place]?.[of] ?? 0);
          return [
            name,
            { held: column(0), connections: column(1), createdPerSecond: column(2), refusedPerSecond: column(3) },
          ];
        }),
      ),
    };
  }
}
