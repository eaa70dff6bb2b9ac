import { Crowd } from './shared/crowd.ts';
import { checkLooks } from './cycles/checks.ts';
import { cycleThrough } from './cycles/windows.ts';
import { inSteps } from './steps.ts';
import type { Scenario, StepDefinition } from './types.ts';

/** Below this there are too few cycles to tell growth from noise. */
const FEWEST_CYCLES = 10;

const STEPS: readonly StepDefinition[] = [
  {
    id: 'cycles/every-cycle-is-admitted-and-served',
    title: 'All cycles (100) are admitted and answered while others come and go',
  },
  { id: 'cycles/the-budget-is-kept', title: 'The cycles take at most 30 s' },
  {
    id: 'cycles/nothing-is-left-after-any-ending',
    title: 'Nothing stays after any ending; else each ending alone, and a vanish, says what stays after it',
  },
  { id: 'cycles/no-manager-is-left', title: 'Managers held and closing, and users, are back at the baseline' },
  {
    id: 'cycles/every-slot-is-free-again',
    title: 'Seen from outside: a user who took part in the cycles can be admitted as often as the limit allows',
  },
  { id: 'cycles/no-socket-is-left', title: "Sockets of the server's process, by TCP state, are back at the baseline" },
  {
    id: 'cycles/no-file-descriptor-is-left',
    title: "Open file descriptors of the server's process are back at the baseline",
  },
  {
    id: 'cycles/no-handle-or-timer-is-left',
    title: "Handles and timers that keep the server's event loop alive are back at the baseline",
  },
  {
    id: 'cycles/no-process-listener-is-left',
    title: "Listeners on the server's process object are back at the baseline",
  },
  { id: 'cycles/no-instance-is-left', title: 'Objects by constructor do not grow with the cycles' },
  { id: 'cycles/the-accounts-add-up', title: 'Created = active + pending + closing + released, before and after' },
];

export const rapidConnectionCyclesStress: Scenario = {
  name: 'rapid-connection-cycles-stress',
  aliases: ['rapid-websocket-connection-cycles-stress', 'websocket-rapid-connection-cycles-stress'],
  purpose: 'After many short lives with every kind of ending, concurrent as real clients are, nothing is left.',
  steps: STEPS,
  estimate({ cycles, promises }) {
    const limit = promises.limit.by === 'nobody' ? 0 : promises.limit.value;
    // Under suspicion a window more, and seven of each ending alone.
    return { sockets: Math.ceil(cycles * 1.4) + 62 + limit, seconds: 2 + Math.ceil(cycles / 100) };
  },
  async run(context) {
    await inSteps(context, STEPS, async (steps) => {
      if (context.cycles < FEWEST_CYCLES) {
        return steps.skipRest(
          'inconclusive',
          `${context.cycles} cycles are too few to tell growth from noise; at least ${FEWEST_CYCLES} would settle it`,
        );
      }
      const crowd = new Crowd(context);
      try {
        await checkLooks(context, steps, crowd, await cycleThrough(context, crowd));
      } finally {
        crowd.dispose();
      }
    });
  },
};
