import { CHANNELS, publish } from './events.ts';
import type { Suspicion, SuspicionKind, SuspicionStats } from './suspicion.ts';

/** So many are remembered one by one; a service that leaks with every connection must not leak here as well. */
const MAX_STANDING = 1000;

interface Standing {
  readonly suspicion: Suspicion;
  readonly sinceMs: number;
}

/** Suspicions that stand. Keeps plain facts only: nothing of what it suspects is kept alive by it. */
export class Suspicions {
  readonly #host: { readonly options: { readonly name: string }; readonly clock: { now(): number } };
  readonly #standing = new Map<number, Standing>();
  #raised = 0;
  #recovered = 0;

  constructor(host: { readonly options: { readonly name: string }; readonly clock: { now(): number } }) {
    this.#host = host;
  }

  /** Answers the number to withdraw it by. */
  raise(suspicion: Suspicion): number {
    this.#raised += 1;
    if (this.#standing.size < MAX_STANDING)
      this.#standing.set(this.#raised, { suspicion, sinceMs: this.#host.clock.now() });
    publish(CHANNELS['watertight:leak:suspected'], this.#host, () => ({ suspicion }));
    return this.#raised;
  }

  /** What it was about has gone after all. */
  withdraw(id: number): void {
    const standing = this.#standing.get(id);
    if (standing === undefined) return;
    this.#standing.delete(id);
    this.#recovered += 1;
    publish(CHANNELS['watertight:leak:recovered'], this.#host, () => ({
      suspicion: standing.suspicion,
      afterMs: this.#host.clock.now() - standing.sinceMs,
    }));
  }

  stats(): SuspicionStats {
    const standingByKind: Partial<Record<SuspicionKind, number>> = {};
    for (const { suspicion } of this.#standing.values())
      standingByKind[suspicion.kind] = (standingByKind[suspicion.kind] ?? 0) + 1;
    return Object.freeze({
      standing: this.#standing.size,
      standingByKind: Object.freeze(standingByKind),
      raised: this.#raised,
      recovered: this.#recovered,
    });
  }
}
