import { goSilent, type SilenceSeen } from './silence-watch.ts';
import { LOOP_DELAY_LIMIT_MS } from '../verdict/deadline.ts';
import { judgeSamples } from './timed.ts';
import type { TimingBench } from './timing-bench.ts';

/** A promise of silence longer than this is not waited for. */
const LONGEST_SILENCE_MS = 20_000;
/** Below this no event loop is excused, so a figure may be that much too high. */
const LOOK_SLACK_MS = LOOP_DELAY_LIMIT_MS;

const STEPS = { vanish: 'timing/a-vanished-peer-is-noticed', stall: 'timing/a-stalled-peer-is-noticed' } as const;

/** Makes peers silent now; `check` waits for the rest of the promised time and judges. */
export async function beginSilence(bench: TimingBench, how: 'vanish' | 'stall'): Promise<{ check(): Promise<void> }> {
  const { context, crowd, loops, steps, deadlineMs } = bench;
  const promise = context.promises.silenceDetectedWithinMs;
  const skip = (status: 'not promised' | 'inconclusive', note: string) => ({
    check: async () => {
      await Promise.resolve();
      steps.skip(STEPS[how], status, note);
    },
  });
  if (promise.by === 'nobody') return skip('not promised', 'nobody said within which time a silent peer is noticed');
  const silenceMs = promise.value;
  if (silenceMs > LONGEST_SILENCE_MS) {
    const note = `silence is promised to be noticed within ${silenceMs / 1_000} s, a check waits ${LONGEST_SILENCE_MS / 1_000} s at most; a shorter heartbeat interval would settle it`;
    return skip('inconclusive', note);
  }
  const { seen } = await goSilent(context, crowd, loops, {
    user: bench.nextUser(),
    how,
    silenceMs,
    cleanupMs: deadlineMs,
  });
  return {
    check: async () => {
      await steps.check(STEPS[how], async () => judge(bench, await seen, silenceMs));
    },
  };
}

function judge(
  bench: TimingBench,
  { noticed, gone, loopDelayMs }: SilenceSeen,
  silenceMs: number,
): ReturnType<typeof judgeSamples> {
  for (const { elapsedMs } of noticed.length > 0 ? noticed : gone) bench.timing('silence noticed', elapsedMs);
  const late = judgeSamples(noticed, silenceMs + LOOK_SLACK_MS, loopDelayMs, {
    what: 'silent peers were noticed',
    type: 'silence-undetected',
  });
  if (!late.ok) return late;
  const deadlineMs = silenceMs + bench.deadlineMs;
  const judged = judgeSamples(gone, deadlineMs + LOOK_SLACK_MS, loopDelayMs, {
    what: 'sockets of silent peers were gone',
    type: 'silence-undetected',
  });
  return { ...judged, figures: { ...late.figures, ...judged.figures, silenceMs } };
}
