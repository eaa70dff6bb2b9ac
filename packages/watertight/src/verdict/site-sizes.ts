import type { Site } from '../evidence/series.ts';
import { judgeWindows, total, type WindowGrowth } from './trend.ts';

export interface LeftPerCycle {
  readonly objects: number;
  readonly bytes: number;
}

type Sizes = Pick<Site, 'windows' | 'bySize'>;

/**
 * What each cycle leaves of one stack: the sizes that grow with the cycles. The engine puts some more beside them when it compiles the
 * function again, in one window and not the next; text of ever other lengths grows as a whole, and counts.
 */
export function leftPerCycle(site: Site): LeftPerCycle {
  const cycles = site.windows.reduce((sum, window) => sum + window.cycles, 0);
  if (cycles === 0) return { objects: 0, bytes: 0 };
  const growing = growingSizes(site);
  const isWhole = growing.size === 0 || isGrowing(windowsOfSizes(site, (size) => !growing.has(size)));
  let [objects, bytes] = [0, 0];
  for (const [size, { bytes: sizeBytes }] of site.site.sizes.entries()) {
    if (!isWhole && !growing.has(size)) continue;
    const windows = windowsOf(site, site.bySize[size]);
    const perCycle = leastWhole(windows) ?? total(windows).grew / cycles;
    objects += perCycle;
    bytes += perCycle * sizeBytes;
  }
  return { objects, bytes };
}

/** The engine only ever adds: where the leanest window has the same number of each cycle, what others have more is not of the cycles. */
function leastWhole(windows: readonly WindowGrowth[]): number | undefined {
  const rates = windows.filter(({ cycles }) => cycles > 0).map(({ cycles, grew }) => grew / cycles);
  const least = Math.min(...rates);
  return least >= 1 && Number.isInteger(least) ? least : undefined;
}

/** The sizes, by their place in `bySize`, that grow with the cycles by themselves. */
export function growingSizes(sizes: Sizes): ReadonlySet<number> {
  return new Set([...sizes.bySize.keys()].filter((size) => isGrowing(windowsOf(sizes, sizes.bySize[size]))));
}

/** How many objects of the sizes that fit are left of each window. */
export function windowsOfSizes(sizes: Sizes, fits: (size: number) => boolean): readonly WindowGrowth[] {
  const fitting = sizes.bySize.filter((_, size) => fits(size));
  const sums = sizes.windows.map((_, index) => fitting.reduce((sum, objects) => sum + (objects[index] ?? 0), 0));
  return windowsOf(sizes, sums);
}

function windowsOf({ windows }: Sizes, objects: readonly number[] = []): readonly WindowGrowth[] {
  return windows.map(({ cycles }, index) => ({ cycles, grew: objects[index] ?? 0 }));
}

function isGrowing(windows: readonly WindowGrowth[]): boolean {
  return judgeWindows(windows)?.is === 'leak';
}
