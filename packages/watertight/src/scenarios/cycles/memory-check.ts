import { memorySeries, seriesOf } from '../../evidence/series.ts';
import { judgeCounts } from '../../verdict/counts-over-time.ts';
import { LEAST_RESIDENT_BYTES_PER_CYCLE } from '../../verdict/memory-growth.ts';
import { countedOf } from '../../verdict/suspects.ts';
import type { Steps } from '../steps.ts';
import type { StepOutcome } from '../types.ts';
import type { Cycled } from './cycling.ts';
import { sayGrowth } from './growth-text.ts';

const ID = 'cycles/no-memory-outside-the-heap-grows';
/** Memory outside the heap comes in slabs: less than this per cycle is how they are dealt out. */
const LEAST_BYTES_PER_CYCLE = 256;

/** Buffers are objects too and are counted as such; this is for memory that no object of JavaScript stands for. */
export async function checkMemory(steps: Steps, cycled: Cycled, noProcess: string): Promise<void> {
  const { examination } = cycled;
  const { looks } = examination;
  const series = memorySeries(looks);
  if (series.length === 0) return await checkBlindMemory(steps, cycled, noProcess);
  await steps.check(ID, (): StepOutcome => {
    const grown = series.flatMap((one) => {
      const growth = judgeCounts(countedOf(looks, one));
      return growth?.is === 'leak' && growth.perCycle >= LEAST_BYTES_PER_CYCLE ? [{ one, growth }] : [];
    });
    const said = grown.map(({ one, growth }) => `${one.name} ${Math.round(growth.perCycle)} B per cycle`).join(', ');
    return {
      ok: grown.length === 0,
      message: `memory outside the heap grew with the cycles: ${said}`,
      type: 'memory-left',
    };
  });
}

/** Of a process whose heap is not seen: large and steady growth convicts, small growth says nothing. */
async function checkBlindMemory(
  steps: Steps,
  { examination, suspects, cutShort }: Cycled,
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
