import type { Trial } from './ending-trial.ts';
import { timeSlotReuse } from './slot-reuse.ts';
import { allWithin, judgeSamples, measure, type Sample } from './timed.ts';
import type { TimingBench } from './bench.ts';
import type { Trials } from './trials.ts';
import { promisedLimit } from '../shared/promised.ts';
import { filledLimit } from '../shared/room-for.ts';

const LARGEST_LIMIT = 1_000;

/** The slot is free at once, seen from inside after every ending, and from outside: somebody is admitted. */
export async function checkSlots(bench: TimingBench, seen: Trials): Promise<void> {
  const id = 'timing/the-slot-is-reusable-at-once';
  const { promises } = bench.context;
  const isProven = (trial: Trial): boolean => !trial.hung || trial.freeWhileClosing;
  // Where nothing holds the cleanup up it is over as soon as the slot is free, so only the deadline can tell; and who saw the
  // slot free while the manager was still closing need not measure how fast.
  const proven = seen.trials.filter(isProven).flatMap(toSample);
  const timed = seen.trials.filter((trial) => !isProven(trial)).flatMap(toSample);
  const limit = filledLimit(promisedLimit(promises), LARGEST_LIMIT);
  if (limit === undefined && seen.trials.every(({ freeMs }) => freeMs === undefined)) {
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
    const broken = { what: 'the slot was reusable', type: 'slow-slot-release', patienceMs: bench.patienceMs } as const;
    const atOnce = judgeSamples([...timed, ...outside.result], atOnceMs, loopDelayMs, broken);
    if (!atOnce.ok) return atOnce;
    const inTime = judgeSamples(proven, bench.deadlineMs, loopDelayMs, broken);
    return { ...inTime, figures: { ...inTime.figures, ...atOnce.figures, atOnceMs, deadlineMs: bench.deadlineMs } };
  });
}

function toSample({ ending, hung, freeMs, freeWhileClosing }: Trial): Sample[] {
  if (freeMs === undefined) return [];
  const how = `${hung ? ' with a hung finalizer' : ''}${freeWhileClosing ? ', while closing' : ''}`;
  return [{ name: `${ending}${how}, inside`, elapsedMs: freeMs }];
}
