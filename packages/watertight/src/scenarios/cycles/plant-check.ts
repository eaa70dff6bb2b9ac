import type { HeapLook } from '../../inspector/heap-types.ts';
import type { Steps } from '../steps.ts';
import { PROVED_ELSEWHERE, type ScenarioContext } from '../types.ts';
import type { Cycled } from './cycling.ts';

const ID = 'cycles/a-planted-leak-is-seen';
/** Prime, and few: one object of 32 bytes each, in each realm. */
const PLANTED_COUNT = 13;
/** So often is looked again for what was let go of. */
const MORE_LOOKS = 2;

/** Proves that the eyes are open: a leak of ours is put into the server, must be seen in full, and is taken out again. */
export async function checkPlant(
  context: ScenarioContext,
  steps: Steps,
  { examination, suspects }: Cycled,
): Promise<void> {
  const { heap } = examination;
  if (heap === undefined) return steps.skip(ID, 'not visible', 'the process of the server cannot be looked into');
  if (context.effort.plant === 'never') return steps.skip(ID, 'not run', PROVED_ELSEWHERE);
  const hasConvicted = suspects.some(({ growth }) => growth.is === 'leak');
  if (!context.effort.plant && hasConvicted) {
    // A leak of the server's own proves as much, also where it is known or allowed and convicts nobody.
    await steps.check(ID, () => ({ ok: true, figures: { planted: 0 } }));
    return;
  }
  await steps.check(ID, async () => {
    // Nothing but the heap: what a server shows elsewhere says nothing about what was planted there.
    const look = async (): Promise<HeapLook> => await heap.look({ classes: true, collections: false });
    const planted = await heap.plant(0);
    const plantedCount = await planted.grow(PLANTED_COUNT);
    const after = await look();
    await planted.remove();
    let stays = count(await look(), planted.className);
    // A collection that had begun before keeps what was let go of meanwhile; the next one does not.
    for (let more = 0; more < MORE_LOOKS && stays > 0; more += 1) stays = count(await look(), planted.className);
    const seen = count(after, planted.className);
    const survivors = after.survivors
      .flatMap((site) => site.windows.slice(after.index))
      .reduce((sum, window) => sum + window.objects, 0);
    return {
      ok: seen === plantedCount && stays === 0,
      message: `of ${plantedCount} planted objects ${seen} were seen; ${stays} were left when they had been taken out again`,
      type: 'planted-leak-unseen',
      figures: { planted: plantedCount, seen, 'survivors by allocation stack': survivors },
    };
  });
}

function count({ classes }: HeapLook, className: string): number {
  return classes.filter(({ name }) => name === className).reduce((sum, row) => sum + row.count, 0);
}
