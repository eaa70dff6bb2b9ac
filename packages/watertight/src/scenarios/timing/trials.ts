import { TRIAL_ENDINGS, tryEnding, type Trial, type TrialEnding } from './ending-trial.ts';
import { judgeSamples, measure, type Sample } from './timed.ts';
import { NO_FACTORY, type TimingBench } from './bench.ts';

const GONE_STEPS: Readonly<Record<TrialEnding, string>> = {
  'close-frame': 'timing/after-a-close-frame-the-socket-is-gone',
  goodbye: 'timing/after-a-goodbye-alone-the-socket-is-gone',
  fin: 'timing/after-a-fin-the-socket-is-gone',
  rst: 'timing/after-an-rst-the-socket-is-gone',
  'protocol-error': 'timing/after-a-protocol-error-the-socket-is-gone',
  'server-close': 'timing/after-its-own-close-without-an-answer-the-socket-is-gone',
};

export interface Trials {
  readonly trials: readonly Trial[];
  readonly loopDelayMs: number;
}

/** Every ending at the same time, each once as it is and once with a finalizer that hangs. */
export async function tryEndings(bench: TimingBench): Promise<Trials> {
  const factory = bench.context.inside?.factory;
  const endings = TRIAL_ENDINGS.filter((ending) => ending !== 'server-close' || factory !== undefined);
  const plans = endings.flatMap((ending) =>
    (factory === undefined ? [false] : [false, true]).map((hung) => ({ ending, hung })),
  );
  const run = async (): Promise<readonly Trial[]> => {
    bench.endedCount += plans.length;
    bench.hungCount += plans.filter((plan) => plan.hung).length;
    return await Promise.all(
      plans.map((plan) =>
        tryEnding(bench.context, bench.crowd, { ...plan, user: bench.nextUser(), patienceMs: bench.patienceMs }),
      ),
    );
  };
  const isInTime = (trials: readonly Trial[]): boolean =>
    trials.every(
      ({ goneMs, freeMs, freeWhileClosing }) =>
        (goneMs ?? 0) <= bench.deadlineMs && (freeWhileClosing || (freeMs ?? 0) <= bench.deadlineMs / 2),
    );
  const { result: trials, loopDelayMs } = await measure(bench.loops, run, isInTime);
  for (const { goneMs, freeMs } of trials) {
    if (goneMs !== undefined) bench.timing('socket gone', goneMs);
    if (freeMs !== undefined) bench.timing('slot reusable', freeMs);
  }
  return { trials, loopDelayMs };
}

export async function checkSocketsGone(bench: TimingBench, { trials, loopDelayMs }: Trials): Promise<void> {
  for (const ending of TRIAL_ENDINGS) {
    const trial = trials.find((candidate) => candidate.ending === ending && !candidate.hung);
    const id = GONE_STEPS[ending];
    if (trial === undefined) {
      bench.steps.skip(id, 'not visible', NO_FACTORY);
    } else if (trial.goneMs === undefined) {
      bench.steps.skip(
        id,
        'not visible',
        'after a reset only the process of the server shows its socket, and that cannot be looked at',
      );
    } else {
      await checkSamples(bench, id, [{ name: ending, elapsedMs: trial.goneMs }], loopDelayMs, 'the socket was gone');
    }
  }
  const hung = trials.flatMap(({ ending, hung: isHung, goneMs }): Sample[] =>
    isHung && goneMs !== undefined ? [{ name: ending, elapsedMs: goneMs }] : [],
  );
  const id = 'timing/a-hung-finalizer-does-not-delay-the-socket';
  if (hung.length === 0) bench.steps.skip(id, 'not visible', NO_FACTORY);
  else await checkSamples(bench, id, hung, loopDelayMs, 'sockets of managers with a hung finalizer were gone');
}

async function checkSamples(
  bench: TimingBench,
  id: string,
  samples: readonly Sample[],
  loopDelayMs: number,
  what: string,
): Promise<void> {
  await bench.steps.check(id, () =>
    judgeSamples(samples, bench.deadlineMs, loopDelayMs, {
      what,
      type: 'slow-socket-close',
      patienceMs: bench.patienceMs,
    }),
  );
}
