import { withinMs } from '../../evidence/poll.ts';
import { promisedLimit } from '../shared/promised.ts';
import { roomFor } from '../shared/room-for.ts';
import type { Steps } from '../steps.ts';
import type { ScenarioContext } from '../types.ts';

const WAITED = 'limit/init-is-waited-for';
const ENDED = 'limit/a-failed-or-ended-init-refuses';
const PATIENCE_MS = 2_000;
/** One whose `init` is done, and one whose `init` runs. */
const HELD_COUNT = 2;

/** What whoever admits has to do first: the slot is held meanwhile, and free again if that comes to nothing. */
export async function checkInit({ drive, inside, promises }: ScenarioContext, steps: Steps): Promise<void> {
  const factory = inside?.factory;
  if (factory === undefined) {
    for (const id of [WAITED, ENDED]) steps.skip(id, 'not visible', 'only a factory that can be asked has an init');
    return;
  }
  const room = roomFor(HELD_COUNT, promisedLimit(promises));
  if (room < HELD_COUNT) {
    const note = `with a limit of ${room} there is no room for ${HELD_COUNT} of one user, as it takes here; a larger one would show it`;
    for (const id of [WAITED, ENDED]) steps.skip(id, 'not visible', note);
    return;
  }
  const asked = withinMs(factory.admitWithInit(drive.userId(1_103)), PATIENCE_MS);
  await steps.check(WAITED, async () => {
    const seen = await asked;
    const figures = { ...seen };
    const isRight = seen?.waited === 'admitted' && seen.wasInitialised && seen.held === HELD_COUNT;
    const message =
      seen === undefined
        ? `admissions with an init were not answered within ${PATIENCE_MS} ms`
        : `an admission with an init of 20 ms: ${seen.waited}, ${seen.wasInitialised ? 'after' : 'before'} it was done; with one more whose init runs ${seen.held} are held`;
    return { ok: isRight, message, type: 'limit-undershoot', figures };
  });
  await steps.check(ENDED, async () => {
    const seen = await asked;
    const isRight = seen?.failed === 'init-failed' && seen.ended === 'ended-during-init' && seen.heldAfter === 0;
    const message = `an init that throws: ${seen?.failed}; a manager that is closed while init runs: ${seen?.ended}; after that ${seen?.heldAfter} are held`;
    return { ok: isRight, message, type: 'wrong-held-count', figures: { ...seen } };
  });
}
