import { Crowd } from './shared/crowd.ts';
import { promisedLimit } from './shared/promised.ts';
import { checkAccounts } from './comprehensive/accounts.ts';
import { checkHabits } from './comprehensive/checks.ts';
import { playHabits } from './comprehensive/habits.ts';
import { inSteps } from './steps.ts';
import { awaitedSilenceMs } from './timing/silence.ts';
import type { Scenario, StepDefinition } from './types.ts';

const STEPS: readonly StepDefinition[] = [
  {
    id: 'comprehensive/everybody-is-admitted',
    title:
      'A bystander, a user with 8 tabs, a slow reader, a user at the limit and one who vanishes are admitted at the same time',
  },
  { id: 'comprehensive/closing-tabs-leaves-the-others', title: '3 of 8 tabs close: the other 5 stay and answer' },
  {
    id: 'comprehensive/reconnecting-is-never-refused',
    title: 'A user who reconnects again and again, with every kind of ending, is never refused',
  },
  {
    id: 'comprehensive/a-slow-reader-is-kept',
    title: 'A reader who stalls for less than the promised time of silence and then reads on is kept',
  },
  {
    id: 'comprehensive/the-user-at-the-limit-is-refused',
    title: 'Only the user at the limit is refused, once an attempt',
  },
  {
    id: 'comprehensive/the-emergency-takes-only-the-vanished',
    title: "The emergency in the middle makes room for the user whose connections vanished, and takes nobody else's",
  },
  {
    id: 'comprehensive/the-bystander-is-untouched',
    title: 'A bystander with 3 idle connections holds exactly these 3 to the end, and they answer',
  },
  { id: 'comprehensive/every-user-is-at-zero', title: 'After everybody left every user is at zero' },
  {
    id: 'comprehensive/the-accounts-add-up',
    title: 'Created = active + pending + closing + released, and created is what was admitted',
  },
  { id: 'comprehensive/the-reasons-add-up', title: 'Released by reason adds up to what was done' },
  {
    id: 'comprehensive/no-socket-is-left',
    title: "Sockets of the server's process, by TCP state, are back at the baseline",
  },
  {
    id: 'comprehensive/no-handle-or-timer-is-left',
    title: "Handles and timers that keep the server's event loop alive are back at the baseline",
  },
  {
    id: 'comprehensive/no-process-listener-is-left',
    title: "Listeners on the server's process object are back at the baseline",
  },
];

export const resourceLeakDetectionComprehensive: Scenario = {
  name: 'resource-leak-detection-comprehensive',
  aliases: ['websocket-resource-leak-detection-comprehensive', 'comprehensive-resource-leak-detection'],
  purpose: 'Users with different habits at once, an emergency in the middle, and complete accounting at the end.',
  steps: STEPS,
  clients: 'plain',
  estimate({ promises }) {
    const limit = promisedLimit(promises) ?? 0;
    return { sockets: 80 + 2 * limit, seconds: 3 + Math.ceil(awaitedSilenceMs(promises) / 1_000) };
  },
  async run(examined) {
    await inSteps(examined, STEPS, async (steps, context) => {
      const crowd = new Crowd(context);
      const lives = await context.openLives();
      try {
        const played = await playHabits(context, crowd, lives);
        await checkHabits(context, steps, played);
        await checkAccounts(context, steps, crowd, played);
      } finally {
        crowd.dispose();
        await lives.dispose();
      }
    });
  },
};
