import type { LifeDrive, LifeEnding } from '../../drive/recipes/types.ts';
import { runWave, type Wave } from '../shared/wave.ts';
import type { ScenarioContext } from '../types.ts';
import type { Cycled } from './cycling.ts';

/** Further lives of the same users, after the windows; `endings` default to those of the windows. */
export async function liveMore(
  { effort, random, signal }: ScenarioContext,
  lives: LifeDrive,
  { users, patienceMs, ...cycled }: Cycled,
  { cycles, endings = cycled.endings }: { readonly cycles: number; readonly endings?: readonly LifeEnding[] },
): Promise<Wave> {
  return await runWave({ lives, cycles, users, endings, concurrency: effort.concurrency, patienceMs, random, signal });
}
