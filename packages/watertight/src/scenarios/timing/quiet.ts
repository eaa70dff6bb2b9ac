import { setTimeout as delay } from 'node:timers/promises';
import type { Pending, TimingBench } from './bench.ts';
import { awaitedSilenceMs } from './silence.ts';

const STEP = 'timing/a-quiet-peer-that-answers-stays';
/** Past the time by which a silent peer is gone, and then some. */
const BEYOND_MS = 50;
const PONG_MS = 2_000;

/** A client that says nothing of its own and answers what it is asked: quiet is not silent. `check` waits out the promise. */
export async function beginQuiet(bench: TimingBench): Promise<Pending> {
  const { context, crowd, steps } = bench;
  const silenceMs = awaitedSilenceMs(context.promises);
  if (context.promises.silenceDetectedWithinMs.by === 'nobody')
    return bench.skipLater(STEP, 'not promised', 'nobody said within which time a silent peer is noticed (--silence)');
  if (silenceMs === 0)
    return bench.skipLater(
      STEP,
      'not visible',
      'silence is promised to be noticed later than a check waits; a shorter heartbeat interval would show it',
    );
  const [client] = await crowd.fill(bench.nextUser(), 1);
  const quietSinceMs = performance.now();
  if (client === undefined)
    return bench.skipLater(STEP, 'inconclusive', 'the client that was to stay quiet was not admitted');
  return {
    check: async () => {
      await steps.check(STEP, async () => {
        const leftMs = quietSinceMs + silenceMs + BEYOND_MS - performance.now();
        if (leftMs > 0) await delay(leftMs, undefined, { signal: context.signal });
        const quietForMs = Math.round(performance.now() - quietSinceMs);
        const gone = await client.gone(0);
        const answers = gone === undefined && (await client.ping(PONG_MS));
        const fate = gone === undefined ? 'answers no more' : `lost its socket (${gone.how})`;
        return {
          ok: answers,
          message: `a peer that was quiet for ${quietForMs} ms and answered every ping ${fate}`,
          type: 'living-removed',
          severity: 'critical',
          figures: { quietForMs, silenceMs, answers },
        };
      });
    },
  };
}
