import type { FactoryStats } from '../stats.ts';
import type { AlertView } from './alert-rules.ts';
import type { Reading } from './instruments.ts';
import { Trend } from './trend.ts';

const WINDOW_MS = 30 * 60_000;
/** A slope from fewer looks, or from a shorter time, is a guess: everybody comes back at once after a restart. */
const LEAST_POINTS = 10;
const LEAST_SPAN_MS = 2 * 60_000;

const trendOf = (): Trend => new Trend(WINDOW_MS, LEAST_POINTS, LEAST_SPAN_MS);

/** When the largest users, and the process, will be at their limit. Remembers no more users than one snapshot names. */
export class Forecast {
  readonly #users = new Map<string, Trend>();
  readonly #process = trendOf();

  look({ stats, options }: Reading): AlertView['forecast'] {
    this.#process.add(stats.takenAtMs, stats.active + stats.pending);
    this.#forget(stats);
    let userLimitInMs = Infinity;
    let user: string | undefined;
    for (const one of stats.perUser) {
      const trend = this.#users.get(one.user) ?? trendOf();
      this.#users.set(one.user, trend);
      trend.add(stats.takenAtMs, one.held);
      const inMs = one.limit === false ? Infinity : trend.msUntil(one.limit);
      // Who is at its limit is no forecast any more, and must not hide who will be next.
      if (inMs === 0 || inMs >= userLimitInMs) continue;
      userLimitInMs = inMs;
      ({ user } = one);
    }
    const processLimitInMs = options.maxManagers === false ? Infinity : this.#process.msUntil(options.maxManagers);
    return { userLimitInMs, user, processLimitInMs };
  }

  #forget({ perUser }: FactoryStats): void {
    const named = new Set(perUser.map(({ user }) => user));
    for (const user of this.#users.keys()) if (!named.has(user)) this.#users.delete(user);
  }
}
