import { judgeCounts, windowsOf, type Counted } from './counts-over-time.ts';
import type { Growth } from './finding.ts';

/**
 * Less than this per cycle is how runtimes deal memory out: healthy servers grow by 4 KiB and more for each of their first
 * thousands of connections.
 */
export const LEAST_RESIDENT_BYTES_PER_CYCLE: number = 16 * 1024;

/**
 * So much in all is what a healthy process may still take while it warms up, whatever the cycles do: a young generation that grows, code
 * that is compiled, garbage that nobody has collected yet. Steady growth below it is looked at for longer.
 */
const LEAST_RESIDENT_GROWTH_BYTES = 8 * 1024 * 1024;

/**
 * What the memory of a process comes to whose heap nobody sees. Counted in pages, it has no exact rate: the interval is that of
 * the windows. `undefined` where it is too little to be told from how memory is dealt out.
 */
export function judgeMemory(counted: readonly Counted[]): Growth | undefined {
  const { windows } = windowsOf(counted);
  const cycles = windows.reduce((sum, window) => sum + window.cycles, 0);
  const grewBytes = windows.reduce((sum, { grew }) => sum + grew, 0);
  if (cycles === 0 || grewBytes / cycles < LEAST_RESIDENT_BYTES_PER_CYCLE) return undefined;
  const growth = judgeCounts(counted);
  if (growth?.is !== 'leak') return growth;
  if (grewBytes < LEAST_RESIDENT_GROWTH_BYTES)
    return { is: 'undecided', why: `${grewBytes} bytes after ${cycles} cycles: a process that warms up takes as much` };
  const rates = windows.map((window) => window.grew / window.cycles);
  return {
    is: 'leak',
    perCycle: Math.round(grewBytes / cycles),
    exact: false,
    low: Math.max(0, Math.round(Math.min(...rates))),
    high: Math.round(Math.max(...rates)),
  };
}
