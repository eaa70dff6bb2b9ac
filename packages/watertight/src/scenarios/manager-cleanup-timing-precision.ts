import type { Hearing } from '../inspector/types.ts';
import { inSteps } from './steps.ts';
import { AccountsWatch } from './timing/accounts.ts';
import { TimingBench } from './timing/bench.ts';
import { checkFinalizers } from './timing/finalizers.ts';
import { checkLingering } from './timing/lingering.ts';
import { beginQuiet } from './timing/quiet.ts';
import { beginRehearsals } from './timing/rehearsals.ts';
import { awaitedSilenceMs, beginSilence } from './timing/silence.ts';
import { checkSlots } from './timing/slots.ts';
import { abortInUpgrade, endTen } from './timing/ten.ts';
import { CHANNELS, checkTold } from './timing/told.ts';
import { checkSocketsGone, tryEndings } from './timing/trials.ts';
import type { Scenario, StepDefinition } from './types.ts';
import { promisedLimit } from './shared/promised.ts';

const STEPS: readonly StepDefinition[] = [
  {
    id: 'timing/ten-managers-are-admitted',
    title: '10 connections of one user are admitted, or as many as its limit allows',
  },
  {
    id: 'timing/one-by-one-each-socket-is-gone',
    title: 'Half of them end one by one: each socket is gone (FIN or RST seen from outside) within the deadline',
  },
  {
    id: 'timing/at-once-every-socket-is-gone',
    title: 'The others end at once: every socket is gone within the deadline',
  },
  {
    id: 'timing/after-a-close-frame-the-socket-is-gone',
    title: 'After a close frame of the client the socket is gone within the deadline',
  },
  {
    id: 'timing/after-a-goodbye-alone-the-socket-is-gone',
    title: 'After a close frame of a client that keeps its TCP side the socket is gone within the deadline',
  },
  {
    id: 'timing/after-a-fin-the-socket-is-gone',
    title: 'After a FIN without a close frame the socket is gone within the deadline',
  },
  {
    id: 'timing/after-an-rst-the-socket-is-gone',
    title: "After a reset the socket is gone from the server's process within the deadline",
  },
  {
    id: 'timing/after-an-abort-in-upgrade-nothing-is-held',
    title: 'After a reset during the upgrade nothing is held and the socket is gone within the deadline',
  },
  {
    id: 'timing/after-a-protocol-error-the-socket-is-gone',
    title: 'After a forbidden frame the socket is gone within the deadline',
  },
  {
    id: 'timing/after-its-own-close-without-an-answer-the-socket-is-gone',
    title: 'When the server closes and the peer does not answer, the socket is gone within the deadline',
  },
  {
    id: 'timing/a-hung-finalizer-does-not-delay-the-socket',
    title:
      'A manager with a finalizer that never ends loses its socket by the deadline too, after every one of these endings',
  },
  {
    id: 'timing/the-slot-is-reusable-at-once',
    title:
      'A user at the limit of whom one ends is admitted again at once, after every ending, also when a finalizer hangs',
  },
  {
    id: 'timing/finalizers-are-done-by-the-deadline',
    title: 'Every finalizer has ended or was reported by the deadline, after every ending',
  },
  {
    id: 'timing/a-hung-finalizer-is-named',
    title:
      'The release report names each finalizer that did not end, and where it was registered; one that hangs does not hold up the next',
  },
  {
    id: 'timing/finalizers-run-last-first-each-after-the-one-before',
    title:
      'Of five finalizers, some of which take a moment, the last registered runs first and each is started when the one before has ended, not earlier and not later',
  },
  {
    id: 'timing/hung-finalizers-are-all-started-and-told-to-stop',
    title:
      'Six hung finalizers in one manager hold each other back for a moment only; by the deadline they and the one behind them are started, the hung ones are told to stop and named',
  },
  {
    id: 'timing/a-slow-finalizer-is-waited-for',
    title: 'A finalizer that takes longer than the socket but not too long is waited for, and is not overdue',
  },
  {
    id: 'timing/a-scope-that-closes-by-itself-is-in-the-report',
    title: 'When a scope was closing by itself, the report of its manager names what failed in it and what hangs in it',
  },
  {
    id: 'timing/work-in-flight-is-waited-for',
    title: 'A close waits for work in flight: the signal is aborted after it, and then the finalizers begin',
  },
  {
    id: 'timing/work-that-never-ends-is-left-behind',
    title: 'A close leaves work behind that never ends: its signal is aborted and the finalizers begin by the deadline',
  },
  {
    id: 'timing/a-manager-that-has-nothing-ends-at-once',
    title:
      'A manager to which nothing was attached and that owns nothing is closed at once, its signal is aborted, and like every other it takes nothing any more',
  },
  {
    id: 'timing/closing-ones-are-shown-and-waited-for',
    title: 'Two managers of a user that are closing are shown as two, and whoever closes them again is told of both',
  },
  {
    id: 'timing/what-does-not-hang-takes-less-than-half-the-deadline',
    title: 'Managers that own nothing that hangs are closed, not only closing, in less than half of the deadline',
  },
  {
    id: 'timing/the-accounts-add-up-meanwhile',
    title:
      'While managers end the statistics add up: created = active + pending + closing + released, in all and over users, and who is still closing is shown',
  },
  {
    id: 'timing/a-vanished-peer-is-noticed',
    title: 'A peer that vanished without a FIN is noticed within the promised time of silence, and its socket is gone',
  },
  {
    id: 'timing/a-stalled-peer-is-noticed',
    title: 'A peer that stopped reading is noticed within the promised time of silence, and its socket is gone',
  },
  {
    id: 'timing/each-release-says-why',
    title:
      'Each release is told with its reason: closed by the client, failed, closed by us, silent; and a hung finalizer is told as an error',
  },
  {
    id: 'timing/each-report-says-when-its-socket-went',
    title:
      'Each report has the time of its socket, and it is the one that was seen from outside; of a silent peer no goodbye is waited for',
  },
  {
    id: 'timing/a-quiet-peer-that-answers-stays',
    title: 'A peer that says nothing but answers pings is still there when a silent one would long be gone',
  },
];

export const managerCleanupTimingPrecision: Scenario = {
  name: 'manager-cleanup-timing-precision',
  aliases: ['websocket-manager-cleanup-timing-precision'],
  purpose:
    'Whatever way a connection ends, its slot is free at once, and its socket and everything it acquired are gone by the deadline.',
  steps: STEPS,
  clients: 'plain',
  bearsUntoldRefusals: true,
  estimate({ promises }) {
    if (promises.deadlineMs.by === 'nobody') return { sockets: 0, seconds: 0 };
    const limit = promisedLimit(promises) ?? 0;
    return { sockets: 48 + limit, seconds: 2 + Math.ceil(awaitedSilenceMs(promises) / 1_000) };
  },
  async run(examined) {
    await inSteps(examined, STEPS, async (steps, context) => {
      const { deadlineMs } = context.promises;
      if (deadlineMs.by === 'nobody')
        return steps.skipRest('not promised', 'nobody said by when an ended connection is cleaned up (--deadline)');
      const bench = new TimingBench(context, steps, deadlineMs.value);
      const hearing = await context.inside?.factory?.hear(CHANNELS);
      try {
        await runTiming(bench, hearing);
      } finally {
        // When the target is gone, nobody listens in it any more.
        await hearing?.stop().catch(() => undefined);
        bench.dispose();
      }
    });
  },
};

/** The silent go first, and everything else happens while the server has yet to notice them. */
async function runTiming(bench: TimingBench, hearing: Hearing | undefined): Promise<void> {
  const before = await bench.context.inside?.factory?.stats();
  const vanished = await beginSilence(bench, 'vanish');
  const stalled = await beginSilence(bench, 'stall');
  const quiet = await beginQuiet(bench);
  await endTen(bench);
  await abortInUpgrade(bench);
  const accounts = new AccountsWatch(bench);
  const trials = await tryEndings(bench);
  await checkSocketsGone(bench, trials);
  await checkSlots(bench, trials);
  // Not earlier: what is timed before must not have to share the processor with them.
  const rehearsals = await beginRehearsals(bench);
  await checkFinalizers(bench, before, trials);
  await rehearsals.check();
  await checkLingering(bench);
  await accounts.check();
  await vanished.check();
  await stalled.check();
  await checkTold(bench, before, trials, hearing);
  await quiet.check();
}
