import { type LeaseOptions, type Quota } from './lease-terms.ts';
/**
 * One limit for several factories of one process, and a quota for tests. A single factory needs none: it counts by itself.
 *
 * @throws InvalidOptionsError naming every problem at once.
 */
export declare function memoryQuota(options?: LeaseOptions): Quota;
