import type { SpecimenManager } from './specimen-manager.ts';
import type { SpecimenOptions } from './specimen-options.ts';
import type { SpecimenPressure } from './specimen-pressure.ts';

/** Why somebody who answers has to go for being used by nobody, if it has to; who works or has something to send is in use. */
export function idleReason(
  manager: SpecimenManager,
  isOnlyOne: boolean,
  atMs: number,
  { idleTimeoutMs }: SpecimenOptions,
  pressure: SpecimenPressure,
): string | undefined {
  if (idleTimeoutMs === false || manager.inFlight > 0 || manager.unsentBytes > 0) return undefined;
  const idleMs = atMs - manager.usedAtMs;
  if (idleMs > idleTimeoutMs) return 'idle';
  return idleMs > pressure.idleTimeoutMs(idleTimeoutMs, isOnlyOne) ? 'pressure:idle' : undefined;
}
