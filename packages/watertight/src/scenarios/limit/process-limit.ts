import type { ProcessFilled } from '../../inspector/types.ts';
import { shareOf } from '../shared/share-of-limit.ts';
import type { Steps } from '../steps.ts';
import type { ScenarioContext, StepOutcome } from '../types.ts';

const ID = 'limit/the-process-holds-no-more-than-its-limit';
/** More are not admitted for a check. */
const LARGEST_PROCESS_LIMIT = 5_000;
const STATE = 'watertight:emergency:state';

interface Expected {
  readonly places: number;
  readonly refusal: string;
}

/** Managers without a socket fill the process; whoever ended before must have given its place back. */
export async function checkProcessLimit({ drive, inside, promises }: ScenarioContext, steps: Steps): Promise<void> {
  const factory = inside?.factory;
  if (factory === undefined) return steps.skip(ID, 'not visible', 'the server shows no factory that can be asked');
  const { maxManagers, overloadThreshold } = factory.options;
  if (maxManagers === false) return steps.skip(ID, 'not promised', 'the process has no limit of its own (maxManagers)');
  if (maxManagers > LARGEST_PROCESS_LIMIT) {
    const note = `a process limit of ${maxManagers} is more than the ${LARGEST_PROCESS_LIMIT} managers that a check fills`;
    return steps.skip(ID, 'not visible', note);
  }
  // From a share of the limit on newcomers are refused as one too many for the load, which leaves the limit itself out of reach.
  const isEarlier = overloadThreshold !== false && overloadThreshold < 1;
  const expected: Expected = isEarlier
    ? { places: shareOf(maxManagers, overloadThreshold), refusal: 'overloaded' }
    : { places: maxManagers, refusal: 'server-limit' };
  const perUser = promises.limit.by === 'nobody' ? 2 : Math.max(1, Math.floor(promises.limit.value / 2));
  await steps.check(ID, async () => {
    const hearing = await factory.hear([STATE]);
    try {
      const filled = await factory.fillProcess(`${drive.userId(1_104)}-`, perUser);
      const events = (await hearing.heard()).filter(({ user }) => user === null);
      return judge(
        filled,
        expected,
        events.map(({ inEmergency }) => (inEmergency === true ? 'entered' : 'left')),
      );
    } finally {
      await hearing.stop().catch(() => undefined);
    }
  });
}

function judge(filled: ProcessFilled, { places, refusal }: Expected, told: readonly string[]): StepOutcome {
  const { before, admitted, atLimit, after } = filled;
  const figures = { places, ...filled, told: told.join(', ') };
  const isRight =
    filled.refusal === refusal &&
    before + admitted === places &&
    atLimit === places &&
    after === before &&
    told.join() === 'entered,left';
  const message = `a process with ${places} places held ${before} and let ${admitted} more in, then ${filled.refusal ?? 'nobody was refused'}; after they had ended it held ${after}; of its emergency was told: ${told.join(', ') || 'nothing'}`;
  return { ok: isRight, message, type: admitted + before > places ? 'limit-overshoot' : 'limit-undershoot', figures };
}
