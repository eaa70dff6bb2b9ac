import { availableParallelism, release, totalmem, type } from 'node:os';

import type { Figure } from '../verdict/types.ts';
import { openFilesLimit } from './open-files.ts';

/** Where the run took place, as far as it explains figures. No host name, no user, no variables. */
export function describeEnvironment(): Record<string, Figure> {
  const limit = openFilesLimit('self');
  return {
    node: process.version,
    system: `${type()} ${release()} ${process.arch}`,
    processorCount: availableParallelism(),
    memoryBytes: totalmem(),
    openFilesLimit: limit === undefined ? null : Number.isFinite(limit) ? limit : 'unlimited',
  };
}
