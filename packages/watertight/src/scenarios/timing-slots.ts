import { timeSlotReuse } from './slot-reuse.ts';
import { allWithin, judgeSamples, measure, type Sample } from './timed.ts';
import type { TimingBench } from './timing-bench.ts';
import type { Trials } from './timing-trials.ts';

const LARGEST_LIMIT = 1_000;

/** The slot is free at once, seen from inside after every ending, and from outside: somebody is admitted. */
export async function checkSlots(bench: TimingBench, seen: Trials): Promise<void> {
  const id = 'timing/the-slot-is-reusable-at-once';
  const { promises } = bench.context;
  const inside = seen.trials.flatMap(({ ending, hung, freeMs }): Sample[] =>
    freeMs === undefined
      ? []
      : [{ name: `${ending}${hung ? ' with a hung finalizer' : ''}, inside`, elapsedMs: freeMs }],
  );
  const limit =
    promises.limit.by === 'nobody' || promises.limit.value > LARGEST_LIMIT ? undefined : promises.limit.value;
  if (limit === undefined && inside.length === 0) {
    return bench.steps.skip(id, 'not promised', 'without a limit (--limit) there are no slots');
  }
  // A server of ours promises "at once"; of others only the deadline is known.
  const atOnceMs = promises.deadlineMs.by === 'target' ? bench.deadlineMs / 2 : bench.deadlineMs;
  await bench.steps.check(id, async () => {
    const outside = await measure(
      bench.loops,
      async () => {
        if (limit === undefined) return [];
        if (bench.context.inside?.factory !== undefined) bench.hungCount += 1;
        const user = bench.nextUser();
        return await timeSlotReuse(bench.context, bench.crowd, { user, limit, patienceMs: bench.patienceMs });
      },
      (samples) => allWithin(samples, atOnceMs),
    );
    for (const { elapsedMs } of outside.result) bench.timing('slot reusable', elapsedMs);
    const loopDelayMs = Math.max(seen.loopDelayMs, outside.loopDelayMs);
    return judgeSamples([...inside, ...outside.result], atOnceMs, loopDelayMs, {
      what: 'the slot was reusable',
      type: 'slow-slot-release',
    });
  });
}
