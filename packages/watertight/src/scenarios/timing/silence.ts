import { goSilent, type SilenceSeen } from '../shared/silence-watch.ts';
import { LOOP_DELAY_LIMIT_MS } from '../../verdict/deadline.ts';
import type { Promises } from '../../verdict/types.ts';
import { allWithin, judgeSamples } from './timed.ts';
import type { Pending, TimingBench } from './bench.ts';
import type { StepOutcome } from '../types.ts';

/** A promise of silence longer than this is not waited for. */
const LONGEST_SILENCE_MS = 20_000;
/** Below this no event loop is excused, so a figure may be that much too high. */
const LOOK_SLACK_MS = LOOP_DELAY_LIMIT_MS;

const STEPS = { vanish: 'timing/a-vanished-peer-is-noticed', stall: 'timing/a-stalled-peer-is-noticed' } as const;

/** For how long silence is waited for; 0 when nobody promised to notice it, or only later than a check waits. */
export function awaitedSilenceMs({ silenceDetectedWithinMs: silence }: Promises): number {
  return silence.by === 'nobody' || silence.value > LONGEST_SILENCE_MS ? 0 : silence.value;
}

/** With two misses: asked, asked again, given up. */
const ASKED_TIMES = 3;

/** Makes peers silent now; `check` waits for the rest of the promised time and judges. */
export async function beginSilence(bench: TimingBench, how: 'vanish' | 'stall'): Promise<Pending> {
  const { context, crowd, loops, steps, deadlineMs } = bench;
  const promise = context.promises.silenceDetectedWithinMs;
  if (promise.by === 'nobody')
    return bench.skipLater(
      STEPS[how],
      'not promised',
      'nobody said within which time a silent peer is noticed (--silence)',
    );
  const silenceMs = promise.value;
  if (silenceMs > LONGEST_SILENCE_MS) {
    const note = `silence is promised to be noticed within ${silenceMs / 1_000} s, a check waits ${LONGEST_SILENCE_MS / 1_000} s at most; a shorter heartbeat interval would show it`;
    return bench.skipLater(STEPS[how], 'not visible', note);
  }
  const begin = (patienceMs: number): ReturnType<typeof goSilent> => {
    const user = bench.nextUser();
    bench.silentUsers.push(user);
    return goSilent(context, crowd, loops, { user, how, silenceMs, cleanupMs: deadlineMs, patienceMs });
  };
  const { seen } = await begin(0);
  return {
    check: async () => {
      await steps.check(STEPS[how], async () => {
        const first = judge(bench, await seen, silenceMs, 'first');
        // Late, or never, but an event loop stood still: once more, now that nothing else goes on.
        // A good server that stands still calls nobody silent for a while afterwards: for as long again it is not never.
        const again = async (): Promise<SilenceSeen> => await (await begin(silenceMs)).seen;
        const outcome = first === 'inconclusive' ? judge(bench, await again(), silenceMs, 'last') : first;
        if (outcome !== 'inconclusive') return outcome;
        throw new Error(
          'silent peers were noticed late twice, but both times an event loop stood still meanwhile; repeat on a less busy machine',
        );
      });
    },
  };
}

/**
 * Who asks twice and then decides may be late each time by as long as its loop is, even where no delay is long. And while its loop
 * stands still a server hears nobody, and a good one calls nobody silent for that.
 */
function lateBy(loopDelayMs: number): number {
  return loopDelayMs > LOOP_DELAY_LIMIT_MS
    ? Math.max(2 * loopDelayMs, ASKED_TIMES * LOOP_DELAY_LIMIT_MS)
    : ASKED_TIMES * loopDelayMs;
}

function judge(
  bench: TimingBench,
  seen: SilenceSeen,
  silenceMs: number,
  look: 'first' | 'last',
): StepOutcome | 'inconclusive' {
  const { noticed, gone, loopDelayMs, sendingMs } = seen;
  for (const { elapsedMs } of noticed.length > 0 ? noticed : gone) bench.timing('silence noticed', elapsedMs);
  const slackMs = LOOK_SLACK_MS + sendingMs + lateBy(loopDelayMs);
  const goneWithinMs = silenceMs + bench.deadlineMs;
  const isInTime = allWithin(noticed, silenceMs + slackMs) && allWithin(gone, goneWithinMs + slackMs);
  // Never is not late: no stall of some hundred milliseconds explains it, if it happens twice.
  const isNever =
    look === 'last' &&
    [...noticed, ...gone].some(({ elapsedMs }) => elapsedMs === Infinity) &&
    loopDelayMs < silenceMs / 2;
  if (!isInTime && !isNever && loopDelayMs > LOOP_DELAY_LIMIT_MS) return 'inconclusive';
  const late = judgeSamples(noticed, silenceMs + slackMs, 0, {
    what: 'silent peers were noticed',
    type: 'silence-undetected',
    promisedMs: silenceMs,
  });
  const outcome = late.ok
    ? judgeSamples(gone, goneWithinMs + slackMs, 0, {
        what: 'sockets of silent peers were gone',
        type: 'silence-undetected',
        promisedMs: goneWithinMs,
      })
    : late;
  const figures = { silenceMs, ...late.figures, ...outcome.figures, loopDelayMs: Math.round(loopDelayMs) };
  return { ...outcome, figures, isTimeless: true };
}
