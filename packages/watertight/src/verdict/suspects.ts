import type { Look } from '../evidence/examination.ts';
import type { Series, Site } from '../evidence/series.ts';
import { judgeCounts, type Counted } from './counts-over-time.ts';
import type { Growth } from './finding.ts';
import { judgeMemory } from './memory-growth.ts';
import { growingSizes, leftPerCycle, windowsOfSizes } from './site-sizes.ts';
import { judgeWindows, total } from './trend.ts';

/** So many objects of one allocation stack may hang on one thing, such as the buffers of a connection. */
const MOST_HELD = 4;

/** With so many times the cycles that were asked for a stack has shown whether it goes on. */
const ENOUGH_MORE = 2;

/** Of fewer a cycle, or so few in all, by Node's own code alone, its pools are the reason: they keep as many as were in use at once. */
const POOLED_BELOW = 0.1;
const POOLED_COUNT = 16;

/** Something that grew, and what it comes to. */
export type Suspect =
  | { readonly from: 'count'; readonly series: Series; readonly growth: Growth }
  | { readonly from: 'site'; readonly site: Site; readonly growth: Growth; readonly bytesPerCycle: number };

/** What grew over all looks. `doubt`: also what is too little to convict, but enough to look on. */
export function judgeSuspects(
  looks: readonly Look[],
  series: readonly Series[],
  sites: readonly Site[],
  { doubt }: { readonly doubt: boolean },
): readonly Suspect[] {
  const counted: Suspect[] = [];
  for (const one of series) {
    const growth = judgeSeries(looks, one, doubt);
    if (growth !== undefined) counted.push({ from: 'count', series: one, growth });
  }
  // Whatever is kept takes memory: that is no second leak.
  const isLeakCounted = counted.some(isCountedLeak);
  const known = isLeakCounted ? counted.filter((one) => !isOfMemory(one)) : counted;
  const stacks: Suspect[] = [];
  const late = lateOf(looks, known);
  const areCollectionsSeen = looks.some(({ heap }) => heap?.collections !== undefined);
  for (const site of sites) {
    const growth = judgeSite(site, agedWindowCount(looks, site, late), isLeakCounted);
    if (growth === undefined || isOfNodesPools(site, growth, known, areCollectionsSeen)) continue;
    stacks.push({ from: 'site', site, growth, bytesPerCycle: leftPerCycle(site).bytes });
  }
  // Stacks that are followed no longer only explain what is known to leak: what they said of themselves is out of date.
  const isFollowed = looks.at(-1)?.heap?.sampled !== false;
  return isFollowed || known.some(({ growth }) => growth.is === 'leak') ? [...known, ...stacks] : known;
}

/**
 * Node pools parsers and the like, and what it makes anew for one that it takes back survives until that one is used again: now and then,
 * by stacks without a frame of anybody else's code. Where nothing that is counted leaks, that is no leak. Where collections are counted as
 * well, whoever kept what Node makes would show by what it is kept in: what does not come steadily then is what the engine leaves beside
 * functions that are compiled again and again, on a busy machine above all.
 */
function isOfNodesPools(
  { site, windows }: Site,
  growth: Growth,
  counted: readonly Suspect[],
  areCollectionsSeen: boolean,
): boolean {
  if (growth.is !== 'leak' || growth.exact || counted.some(isCountedLeak)) return false;
  const keptCount = windows.reduce((sum, { objects }) => sum + objects, 0);
  if (!areCollectionsSeen && growth.perCycle >= POOLED_BELOW && keptCount > POOLED_COUNT) return false;
  return site.stack.length > 0 && site.stack.every(({ url }) => url.startsWith('node:'));
}

function judgeSeries(looks: readonly Look[], series: Series, doubt: boolean): Growth | undefined {
  const counted = countedOf(looks, series);
  if (series.kind === 'native-memory')
    return judgeMemory(counted, looks.at(-1)?.system.countsReferences === true ? 'counted' : 'collected');
  const growth = judgeCounts(counted, { doubt });
  // Whatever a runtime still holds at a look is counted by line as well: only what every single cycle leaves is beyond doubt.
  const isByLine = series.kind === 'objects' && series.about.position !== undefined;
  return isByLine && !(growth?.is === 'leak' && growth.exact) ? undefined : growth;
}

function isOfMemory(suspect: Suspect): boolean {
  return suspect.from === 'count' && suspect.series.kind === 'native-memory';
}

/** What is counted and grows with the cycles; memory is no count. */
export function isCountedLeak(suspect: Suspect): boolean {
  return suspect.growth.is === 'leak' && !isOfMemory(suspect);
}

/** What is known to go by itself. */
interface Late {
  readonly afterMs: number;
  /** The most there ever was, for each cycle until then. */
  readonly mostPerCycle: number;
}

function lateOf(looks: readonly Look[], counted: readonly Suspect[]): readonly Late[] {
  return counted.flatMap((suspect) => {
    if (suspect.from !== 'count' || suspect.growth.is !== 'late') return [];
    return [{ afterMs: suspect.growth.afterMs, mostPerCycle: mostPerCycle(looks, suspect.series) }];
  });
}

function mostPerCycle(looks: readonly Look[], { counts }: Series): number {
  const base = counts.find((count) => count !== undefined) ?? 0;
  let cycles = 0;
  let most = 0;
  for (const [index, look] of looks.entries()) {
    cycles += look.cycles;
    if (cycles > 0) most = Math.max(most, ((counts[index] ?? base) - base) / cycles);
  }
  return most;
}

/**
 * How many windows are as old as what is known to go by itself was when it went. What stands with it goes with it, so what
 * is younger says nothing about the stacks that made it; but a straggler or two do not hold what every cycle left.
 */
function agedWindowCount(looks: readonly Look[], { windows }: Site, late: readonly Late[]): number {
  const rate = total(windows.map(({ cycles, objects }) => ({ cycles, grew: objects })));
  const holders = late.filter(({ mostPerCycle: most }) => most * MOST_HELD * rate.cycles >= rate.grew);
  const lateMs = Math.max(0, ...holders.map(({ afterMs }) => afterMs));
  const last = looks.findLastIndex(({ heap }) => heap?.sampled === true);
  const agedAtMs = (looks[last]?.atMs ?? 0) - lateMs;
  return looks.slice(1, last + 1).filter(({ cycles, atMs }) => cycles > 0 && atMs <= agedAtMs).length;
}

/**
 * What a connection leaves has the same few sizes every time; what the compiler leaves in the same function has many. So at
 * least one size has to grow by itself, and no doubt is cheap: every function leaves something while it warms up. Beside a leak
 * that was counted the sizes that grow are enough, whatever the compiler put between them: they say where it was made.
 */
function judgeSite({ windows, bySize }: Site, agedCount: number, isBesideLeak: boolean): Growth | undefined {
  const aged = { windows: windows.slice(0, agedCount), bySize };
  const growing = growingSizes(aged);
  const growth = judgeWindows(aged.windows.map(({ cycles, objects }) => ({ cycles, grew: objects })));
  if (isBesideLeak && growth?.is !== 'leak' && growing.size > 0)
    return judgeWindows(windowsOfSizes(aged, (size) => growing.has(size)));
  return growth === undefined || growth.is === 'bounded' || growing.size > 0 ? growth : undefined;
}

/** A series as it went, for a verdict over time. */
export function countedOf(looks: readonly Look[], { counts }: Series): readonly Counted[] {
  return looks.map(({ cycles, atMs }, index) => ({ cycles, atMs, count: counts[index] }));
}

/**
 * Few cycles do not tell what a server leaves from what the engine leaves while code warms up, where nothing that is counted
 * grows: without more of them a stack alone convicts nobody. `why` there were no more; `more` times those that were asked for there were.
 */
export function doubtStacks(suspects: readonly Suspect[], why: string, more: number): readonly Suspect[] {
  if (more >= ENOUGH_MORE || suspects.some(({ from, growth }) => from === 'count' && growth.is === 'leak'))
    return suspects;
  return suspects.map((suspect) =>
    suspect.growth.is === 'leak'
      ? { ...suspect, growth: { is: 'undecided', why: `only seen to survive; ${why}` } }
      : suspect,
  );
}

/** Stacks that nobody could tell from what the engine leaves while code warms up. */
export function isStackInDoubt({ from, growth }: Suspect): boolean {
  return from === 'site' && growth.is === 'undecided';
}

/** Those that are still growing as far as anybody can see. */
export function isOpen({ growth }: Suspect): boolean {
  return growth.is === 'leak' || growth.is === 'undecided';
}
