import type { Place } from './finding.ts';
import { judgeSteadyGrowth, type PlaceHistory, type SteadyGrowth, type TrafficPoint } from './steady-growth.ts';

/** A place in the source, with what it keeps alive. */
export interface WatchedPlace extends PlaceHistory {
  readonly key: string;
  readonly place: Place;
  /** The stack that made most of it, innermost first. */
  readonly stack: readonly Place[];
}

/** A place that keeps growing. */
export interface GrowingPlace {
  readonly key: string;
  readonly place: Place;
  readonly stack: readonly Place[];
  readonly growth: SteadyGrowth;
}

/** Told once when a place keeps growing, and once when it no longer does. */
export interface PlaceAlert {
  readonly state: 'firing' | 'resolved';
  readonly growing: GrowingPlace;
  readonly atMs: number;
}

/** One look may be a chance. */
const LOOKS_TO_RAISE = 2;

/** Remembers which places were told, so that nobody is told twice of the same. */
export class GrowingPlaces {
  readonly #leastWindows: number;
  readonly #states = new Map<string, { seenCount: number; quietCount: number; told: GrowingPlace | undefined }>();

  /** A place has to grow over so many windows, and is over after as many in which it does not. */
  constructor(leastWindows: number) {
    this.#leastWindows = leastWindows;
  }

  /** What was told and is not over, the fastest first. */
  get firing(): readonly GrowingPlace[] {
    const told = [...this.#states.values()].flatMap((state) => state.told ?? []);
    return told.toSorted((one, two) => two.growth.bytesPerHour - one.growth.bytesPerHour);
  }

  judge(points: readonly TrafficPoint[], places: readonly WatchedPlace[]): readonly PlaceAlert[] {
    const atMs = points.at(-1)?.atMs ?? 0;
    const alerts: PlaceAlert[] = [];
    const seen = new Set<string>();
    for (const watched of places) {
      const growth = judgeSteadyGrowth(points, watched, this.#leastWindows);
      if (growth === undefined) continue;
      const { key, place, stack } = watched;
      seen.add(key);
      const state = this.#states.get(key) ?? { seenCount: 0, quietCount: 0, told: undefined };
      this.#states.set(key, state);
      state.seenCount += 1;
      state.quietCount = 0;
      const growing = { key, place, stack, growth };
      if (state.told === undefined && state.seenCount < LOOKS_TO_RAISE) continue;
      if (state.told === undefined) alerts.push({ state: 'firing', growing, atMs });
      state.told = growing;
    }
    for (const [key, state] of this.#states) {
      if (seen.has(key)) continue;
      state.seenCount = 0;
      state.quietCount += 1;
      if (state.told !== undefined && state.quietCount < this.#leastWindows) continue;
      if (state.told !== undefined) alerts.push({ state: 'resolved', growing: state.told, atMs });
      this.#states.delete(key);
    }
    return alerts;
  }
}
