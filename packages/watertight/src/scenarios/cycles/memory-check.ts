import type { Look } from '../../evidence/examination.ts';
import { memorySeries, seriesOf, type Series } from '../../evidence/series.ts';
import { judgeCounts } from '../../verdict/counts-over-time.ts';
import { LEAST_RESIDENT_BYTES_PER_CYCLE } from '../../verdict/memory-growth.ts';
import { countedOf, type Suspect } from '../../verdict/suspects.ts';
import type { Steps } from '../steps.ts';
import type { StepOutcome } from '../types.ts';
import type { Cycled } from './cycling.ts';
import { sayGrowth } from './growth-text.ts';

const ID = 'cycles/no-memory-outside-the-heap-grows';
/** Memory outside the heap comes in slabs: less than this per cycle is how they are dealt out. */
const LEAST_BYTES_PER_CYCLE = 256;

/** By this name `memorySeries` knows what buffers hold outside the heap. */
const OF_BUFFERS = 'native-memory:arrayBuffers';

/** Memory outside the heap that grows with the cycles. */
export interface MemoryGrowth {
  readonly series: Series;
  readonly bytesPerCycle: number;
}

type Looked = Pick<Cycled, 'suspects' | 'cutShort'> & { readonly examination: { readonly looks: readonly Look[] } };

/** Memory of buffers that stays because objects do: each buffer has an ArrayBuffer, and these are counted. */
export function memoryOfKeptBuffers(cycled: Looked): MemoryGrowth | undefined {
  return cycled.suspects.some(isArrayBuffers) ? memoryGrowth(cycled).find(isOfBuffers) : undefined;
}

/** What is counted of every buffer that stays, as an object. */
export function isArrayBuffers(suspect: Suspect): boolean {
  return (
    suspect.from === 'count' &&
    suspect.growth.is === 'leak' &&
    suspect.series.kind === 'objects' &&
    suspect.series.name === 'ArrayBuffer'
  );
}

function isOfBuffers({ series }: MemoryGrowth): boolean {
  return series.key === OF_BUFFERS;
}

function memoryGrowth({ examination: { looks } }: Looked): readonly MemoryGrowth[] {
  return memorySeries(looks).flatMap((series) => {
    const growth = judgeCounts(countedOf(looks, series));
    const isLeak = growth?.is === 'leak' && growth.perCycle >= LEAST_BYTES_PER_CYCLE;
    return isLeak ? [{ series, bytesPerCycle: Math.round(growth.perCycle) }] : [];
  });
}

/** Buffers are objects too and are counted as such; this is for memory that no object of JavaScript stands for. */
export async function checkMemory(steps: Steps, cycled: Looked, noProcess: string): Promise<void> {
  if (memorySeries(cycled.examination.looks).length === 0) return await checkBlindMemory(steps, cycled, noProcess);
  await steps.check(ID, (): StepOutcome => {
    const ofObjects = memoryOfKeptBuffers(cycled);
    const grown = memoryGrowth(cycled).filter(({ series }) => series.key !== ofObjects?.series.key);
    return {
      ok: grown.length === 0,
      message: `memory outside the heap grew with the cycles: ${grown.map(sayMemory).join(', ')}`,
      type: 'memory-left',
      ...(ofObjects !== undefined && { figures: { 'of objects that are counted': sayMemory(ofObjects) } }),
    };
  });
}

function sayMemory({ series, bytesPerCycle }: MemoryGrowth): string {
  return `${series.name} ${bytesPerCycle} B per cycle`;
}

/** Of a process whose heap is not seen: large and steady growth convicts, small growth says nothing. */
async function checkBlindMemory(
  steps: Steps,
  { examination, suspects, cutShort }: Looked,
  noProcess: string,
): Promise<void> {
  const { looks } = examination;
  const [series] = seriesOf(looks).filter(({ kind }) => kind === 'native-memory');
  if (series === undefined) return steps.skip(ID, 'not visible', noProcess);
  await steps.check(ID, (): StepOutcome => {
    const grown = suspects.find((suspect) => suspect.from === 'count' && suspect.series.kind === 'native-memory');
    if (grown?.growth.is === 'undecided')
      throw new Error(`${sayGrowth(grown)}${cutShort === undefined ? '' : `; ${cutShort}`}`);
    const known = series.counts.filter((bytes) => bytes !== undefined);
    return {
      ok: grown?.growth.is !== 'leak',
      message:
        grown === undefined
          ? ''
          : `memory of the process grew with the cycles, every window alike: ${sayGrowth(grown)}; what it consists of cannot be known without a look inside`,
      type: 'memory-left',
      figures: {
        'seen from outside': series.name,
        'bytes at first': known[0] ?? 0,
        'bytes at last': known.at(-1) ?? 0,
        'least bytes per cycle that are told': LEAST_RESIDENT_BYTES_PER_CYCLE,
      },
    };
  });
}
