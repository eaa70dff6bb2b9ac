import { throwIfNoOptions } from '../given-options.ts';
import { type LeaseOptions, type Quota, resolveTerms } from './lease-terms.ts';
import { MemoryStore } from './memory-store.ts';

/**
 * One limit for several factories of one process, and a quota for tests. A single factory needs none: it counts by itself.
 *
 * @throws InvalidOptionsError naming every problem at once.
 */
export function memoryQuota(options: LeaseOptions = {}): Quota {
  throwIfNoOptions(options, 'memoryQuota must be an object, or left out');
  const terms = resolveTerms(options);
  return { store: new MemoryStore(undefined, terms.ttlMs), terms };
}
