import type { LifeEnding } from '../../drive/recipes/types.ts';
import type { Steps } from '../steps.ts';
import type { LetGoCount } from '../shared/wave.ts';
import type { StepOutcome } from '../types.ts';
import type { Cycled } from './cycling.ts';
import { afterEnding } from './left-sentence.ts';

/** Fewer may have met a server that was busy. */
const FEWEST_COUNT = 5;

/**
 * Where the process of the server is not seen: a client that ended sees whether the server let go. A server that does so after no
 * life of an ending keeps their sockets; one that does so after some is slow, or busy.
 */
export async function checkFromClients(steps: Steps, id: string, { waves, patienceMs }: Cycled): Promise<void> {
  const counts = new Map<LifeEnding, LetGoCount>();
  for (const [ending, { ended, letGo }] of waves.flatMap((wave) => [...wave.letGo])) {
    const before = counts.get(ending) ?? { ended: 0, letGo: 0 };
    counts.set(ending, { ended: before.ended + ended, letGo: before.letGo + letGo });
  }
  const judged = [...counts].filter(([, { ended }]) => ended >= FEWEST_COUNT);
  if (judged.length === 0)
    return steps.skip(
      id,
      'not visible',
      'too few clients ended in a way that lets them see whether the server lets go',
    );
  await steps.check(id, (): StepOutcome => {
    const say = ([ending, { ended, letGo }]: (typeof judged)[number]): string =>
      `${afterEnding(ending)} ${letGo} of ${ended}`;
    const kept = judged.filter(([, { letGo }]) => letGo === 0);
    const slow = judged.filter(([, { ended, letGo }]) => letGo > 0 && letGo < ended);
    if (kept.length === 0 && slow.length > 0)
      throw new Error(
        `let go of within ${patienceMs} ms: ${slow.map(say).join(', ')}; --deadline with more time would settle it`,
      );
    return {
      ok: kept.length === 0,
      message: `seen by the clients, the server let go within ${patienceMs} ms: ${judged.map(say).join(', ')}`,
      type: 'sockets-left',
      figures: {
        'seen from': 'the clients',
        ...Object.fromEntries(
          judged.map(([ending, { ended, letGo }]) => [`${afterEnding(ending)} let go`, `${letGo} of ${ended}`]),
        ),
      },
    };
  });
}
