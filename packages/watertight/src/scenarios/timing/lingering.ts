import { poll } from '../../evidence/poll.ts';
import { promisedLimit } from '../shared/promised.ts';
import { roomFor } from '../shared/room-for.ts';
import { type TimingBench, NO_FACTORY } from './bench.ts';
import { allWithin, judgeSamples, measure, type Sample } from './timed.ts';

const COUNT = 5;

/**
 * The deadline is for the worst case. Managers that have nothing that hangs are closed, not only closing, in less than half
 * of it: otherwise something is waited for until the deadline every time.
 */
export async function checkLingering(bench: TimingBench): Promise<void> {
  const id = 'timing/what-does-not-hang-takes-less-than-half-the-deadline';
  const { context, crowd, steps, deadlineMs, patienceMs } = bench;
  const factory = context.inside?.factory;
  if (factory === undefined) return steps.skip(id, 'not visible', NO_FACTORY);
  await steps.check(id, async () => {
    const run = async (): Promise<readonly Sample[]> => {
      const user = bench.nextUser();
      const clients = await crowd.fill(user, roomFor(COUNT, promisedLimit(context.promises)));
      if (clients.length === 0) throw new Error('nobody was admitted who could end');
      bench.endedCount += clients.length;
      const endedAtMs = await Promise.all(clients.map((client) => client.end('fin')));
      const { reached } = await poll(
        () => factory.usage(user),
        ({ held, closing }) => held === 0 && closing === 0,
        { deadlineMs: patienceMs, everyMs: 5, signal: context.signal },
      );
      const elapsedMs = reached ? performance.now() - Math.max(...endedAtMs) : Infinity;
      return [{ name: `${clients.length} managers closed`, elapsedMs }];
    };
    const { result, loopDelayMs } = await measure(bench.loops, run, (samples) => allWithin(samples, deadlineMs / 2));
    return judgeSamples(result, deadlineMs / 2, loopDelayMs, {
      what: 'managers without anything that hangs were closed',
      type: 'slow-cleanup',
      patienceMs,
    });
  });
}
