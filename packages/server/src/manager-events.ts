import type { EventPayloads } from './events.ts';
import type { ReleaseReport } from './release-report.ts';
import type { Suspicion } from './suspicion.ts';

/** A manager, as far as is told of it. */
interface Told {
  readonly id: string;
  readonly user: string;
  readonly reason: string;
}

// Functions of their own: one that has no closure costs nothing where nobody listens.

export function eventOf({ id, user }: Told): EventPayloads['watertight:manager:active'] {
  return { managerId: id, user };
}

export function endOf({ id, user, reason }: Told): EventPayloads['watertight:manager:closing'] {
  return { managerId: id, user, reason };
}

export function releaseOf(report: ReleaseReport): EventPayloads['watertight:manager:released'] {
  return { report };
}

/** Work that goes on though its manager is closed. */
export function outlivedBy({ id: managerId, user }: Told): Suspicion {
  return { kind: 'work-outlived', user, managerId, name: 'run', place: 'unknown' };
}
