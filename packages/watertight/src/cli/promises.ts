import type { ResolvedOptions } from '@watertight/server';

import type { Promised, Promises } from '../verdict/types.ts';
import type { Given } from './command-line.ts';
import type { CheckSettings } from './settings.ts';

/** Who promises what: the command line and the config win over what the target's own factory says. */
export function resolvePromises(
  settings: Pick<CheckSettings, 'limit' | 'deadlineMs' | 'silenceMs' | 'emergencyThreshold'>,
  factory: ResolvedOptions | undefined,
): Promises {
  return {
    limit: resolve(settings.limit, factory?.maxManagersPerUser),
    deadlineMs: resolve(settings.deadlineMs, factory?.cleanupDeadlineMs),
    emergencyThreshold: resolve(settings.emergencyThreshold, factory?.emergencyThreshold),
    silenceDetectedWithinMs: resolve(settings.silenceMs, factory && silenceMs(factory)),
  };
}

function resolve(given: Given<number> | undefined, own: number | false | undefined): Promised<number> {
  if (given !== undefined) return given;
  // `false` is how a factory says that it has switched the promise off.
  if (typeof own === 'number' && Number.isFinite(own)) return { by: 'target', value: own };
  return { by: 'nobody' };
}

/** Asked after one interval of silence, given up after the misses: one interval and as many again as there are misses. */
function silenceMs({ heartbeatIntervalMs, heartbeatMisses }: ResolvedOptions): number | false {
  return heartbeatIntervalMs === false ? false : heartbeatIntervalMs * (heartbeatMisses + 1);
}
