import type { LifeDrive, LifeEnding } from '../../drive/recipes/types.ts';
import { runWave, type Wave } from '../shared/wave.ts';
import type { ScenarioContext } from '../types.ts';
import type { Cycled } from './cycling.ts';

/** Further lives of the users of the cycles, after the windows; `endings` default to those of the windows. */
export async function liveMore(
  { effort, random, signal }: ScenarioContext,
  lives: LifeDrive,
  { users, newcomer, patienceMs, ...cycled }: Cycled,
  { cycles, endings = cycled.endings }: { readonly cycles: number; readonly endings?: readonly LifeEnding[] },
): Promise<Wave> {
  return await runWave({
    lives,
    cycles,
    users,
    newcomer,
    endings,
    concurrency: effort.concurrency,
    patienceMs,
    random,
    signal,
  });
}
