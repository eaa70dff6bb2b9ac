import { judgeCounts, windowsOf, type Counted } from './counts-over-time.ts';
import type { Growth } from './finding.ts';

/**
 * Less than this per cycle is how runtimes deal memory out: healthy servers grow by 4 KiB and more for each of their first
 * thousands of connections.
 */
export const LEAST_RESIDENT_BYTES_PER_CYCLE: number = 16 * 1024;

/**
 * So much in all may wait to be collected in a healthy process: in Node 64 MiB outside the heap and three times 16 MiB of young generation,
 * and other collectors are no more in a hurry. Where references are counted nothing waits, and this is what a process takes to warm up.
 */
const LEAST_GROWTH_BYTES = { collected: 128 * 1024 * 1024, counted: 8 * 1024 * 1024 } as const;

/** When memory is given back: at some time by a collector, or with the last reference to it. */
export type Reclaimed = keyof typeof LEAST_GROWTH_BYTES;

/**
 * What the memory of a process comes to whose heap nobody sees. Counted in pages, it has no exact rate: the interval is that of
 * the windows. `undefined` where it is too little to be told from how memory is dealt out; steady growth by less than may wait to be
 * collected is undecided, and looked at for longer.
 */
export function judgeMemory(counted: readonly Counted[], reclaimed: Reclaimed): Growth | undefined {
  const { windows } = windowsOf(counted);
  const cycles = windows.reduce((sum, window) => sum + window.cycles, 0);
  const grewBytes = windows.reduce((sum, { grew }) => sum + grew, 0);
  if (cycles === 0 || grewBytes / cycles < LEAST_RESIDENT_BYTES_PER_CYCLE) return undefined;
  const growth = judgeCounts(counted);
  if (growth?.is !== 'leak') return growth;
  const rates = windows.map((window) => window.grew / window.cycles);
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  // A leak takes as much of every window; what a process takes for itself comes in leaps.
  if (low < LEAST_RESIDENT_BYTES_PER_CYCLE) return undefined;
  if (grewBytes < LEAST_GROWTH_BYTES[reclaimed])
    return { is: 'undecided', why: `${grewBytes} bytes after ${cycles} cycles: as much may wait to be collected` };
  return {
    is: 'leak',
    perCycle: Math.round(grewBytes / cycles),
    exact: false,
    low: Math.round(low),
    high: Math.round(high),
  };
}
