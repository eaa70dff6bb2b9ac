import type { Suspicion, SuspicionStats } from '@watertight/server';
import { publish } from './specimen-events.ts';
import type { SpecimenManager } from './specimen-manager.ts';
import type { SpecimenOptions } from './specimen-options.ts';

/** Says once who lives longer than anybody should, and once more when that is over. */
export class SpecimenWatch {
  readonly options: SpecimenOptions;
  readonly standing: Map<SpecimenManager, number> = new Map();
  #raised = 0;
  #recovered = 0;

  constructor(options: SpecimenOptions) {
    this.options = options;
  }

  look(managers: readonly SpecimenManager[], atMs: number): void {
    const { warnAfterMs } = this.options;
    if (warnAfterMs === false) return;
    for (const manager of managers)
      if (!this.standing.has(manager) && atMs - manager.createdAtMs > warnAfterMs) this.suspect(manager, atMs);
    for (const manager of this.standing.keys()) if (manager.ended) this.recover(manager, atMs);
  }

  suspect(manager: SpecimenManager, atMs: number): void {
    this.standing.set(manager, atMs);
    this.#raised += 1;
    publish('watertight:leak:suspected', this.options.name, { suspicion: suspicionOf(manager) });
  }

  recover(manager: SpecimenManager, atMs: number): void {
    const sinceMs = this.standing.get(manager) ?? atMs;
    this.standing.delete(manager);
    this.#recovered += 1;
    const payload = { suspicion: suspicionOf(manager), afterMs: atMs - sinceMs };
    publish('watertight:leak:recovered', this.options.name, payload);
  }

  read(): SuspicionStats {
    const standing = this.standing.size;
    const standingByKind = Object.freeze(standing === 0 ? {} : { 'long-lived': standing });
    return Object.freeze({ standing, standingByKind, raised: this.#raised, recovered: this.#recovered });
  }
}

function suspicionOf({ user, id }: SpecimenManager): Suspicion {
  return { kind: 'long-lived', user, managerId: id, name: '', place: 'unknown' };
}
