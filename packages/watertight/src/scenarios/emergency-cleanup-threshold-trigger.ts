import { Crowd } from './shared/crowd.ts';
import { gatherCast } from './emergency/cast.ts';
import { emergencyRules, type EmergencyRules } from './emergency/rules.ts';
import type { Hearing } from '../inspector/types.ts';
import { checkEmergency } from './emergency/checks.ts';
import { isSpoilt, playEmergency } from './emergency/play.ts';
import { LoopWatch } from './shared/loop-watch.ts';
import { inSteps, type Steps } from './steps.ts';
import type { Scenario, ScenarioContext, StepDefinition } from './types.ts';

const FIRST_USER = 1_310;
const CHANNELS = ['watertight:emergency:state', 'watertight:emergency:end'];

const STEPS: readonly StepDefinition[] = [
  {
    id: 'emergency/sixteen-are-admitted',
    title:
      'As many as the threshold counts (16 of 20) are admitted; 8 of them go silent: the wire stops, nobody says goodbye',
  },
  { id: 'emergency/the-17th-is-admitted', title: 'The 17th is admitted; it triggers the emergency cleanup' },
  {
    id: 'emergency/the-silent-go',
    title: 'The 8 silent ones are gone soon after the 17th, before ordinary removal could have taken them',
  },
  {
    id: 'emergency/the-living-stay-and-answer',
    title: 'The living of the 8 who answer whenever they are asked stay and answer',
  },
  {
    id: 'emergency/who-answers-late-stays',
    title:
      'Two of the 8 living were quiet for longer than one heartbeat interval and answer only once the cleanup asks, one that reads on just after the 17th, one that left the question before unanswered: they are waited for and stay, and the report counts them as asked and answering',
  },
  {
    id: 'emergency/reading-statistics-keeps-nobody-alive',
    title:
      'Statistics and usage read often while waiting change nothing: the silent are asked and removed all the same',
  },
  {
    id: 'emergency/the-manual-run-does-the-same',
    title: 'runEmergencyCleanup(user) removes exactly the 8 silent and none of the 8 living of a second user',
  },
  {
    id: 'emergency/a-young-burst-is-removed-too',
    title:
      'A user filled to the limit moments ago, all silent now: the next attempt gets in, however young they all are',
  },
  {
    id: 'emergency/nobody-waits-for-those-who-have-answered',
    title: 'At the limit with nobody silent an attempt is decided at once: nobody is asked, so nothing is waited for',
  },
  {
    id: 'emergency/force-frees-exactly-as-many-as-needed',
    title:
      'By force 3 slots are freed of a user with 2 silent, 1 used and 1 idle: the silent go as silent, then the one idle longest, and the one in use stays',
  },
  {
    id: 'emergency/the-reason-is-emergency-silent',
    title: 'Exactly those who went silent are released with reason emergency:silent, in number',
  },
  {
    id: 'emergency/the-figures-say-what-happened',
    title:
      'The statistics count every run and every removal, show a run while it is under way, and say how many users are in an emergency, until they fall below the exit threshold',
  },
  {
    id: 'emergency/entering-and-leaving-is-told-once',
    title: 'That a user enters an emergency, and leaves it, is published once each, and of nobody else',
  },
  {
    id: 'emergency/without-silent-ones-nobody-goes',
    title:
      'At the threshold with nobody silent, the cleanup removes nobody, old and unused ones included: they answer, so they stay',
  },
  {
    id: 'emergency/the-limit-stays-the-limit',
    title: 'With nobody silent the 21st is refused in spite of the cleanup, and nobody living made room for it',
  },
  {
    id: 'emergency/a-pending-one-stays',
    title: 'One admitted just now whose socket is not there yet is not removed by an emergency cleanup',
  },
  {
    id: 'emergency/never-attached-ones-go-past-their-deadline',
    title: 'One to which no socket was ever attached goes by itself at its deadline',
  },
  {
    id: 'emergency/closing-all-closes-all',
    title:
      'closeAllForUser closes everyone of a user, whatever the age; the sockets are really closed, with a code, and each report says of whom, why, and that all of it was in time',
  },
  {
    id: 'emergency/nobody-else-is-touched',
    title: 'Another user with quiet, living connections keeps exactly these through all of it',
  },
];

export const emergencyCleanupThresholdTrigger: Scenario = {
  name: 'emergency-cleanup-threshold-trigger',
  aliases: ['websocket-emergency-cleanup-threshold-trigger'],
  purpose:
    'At 80 % of the limit the dead make room before anybody living is refused; the living stay, however quiet they are.',
  steps: STEPS,
  clients: 'plain',
  estimate(context) {
    const rules = emergencyRules(context);
    if ('status' in rules) return { sockets: 0, seconds: 0 };
    return { sockets: 3 * rules.threshold + 3 * rules.limit + 26, seconds: Math.ceil((3_000 + rules.quietMs) / 1_000) };
  },
  async run(examined) {
    await inSteps(examined, STEPS, async (steps, context) => {
      const rules = emergencyRules(context);
      if ('status' in rules) return steps.skipRest(rules.status, rules.note);
      const loops = new LoopWatch(context);
      try {
        await runEmergency(context, steps, rules, loops);
      } finally {
        loops.stop();
      }
    });
  },
};

async function runEmergency(
  context: ScenarioContext,
  steps: Steps,
  rules: EmergencyRules,
  loops: LoopWatch,
): Promise<void> {
  const crowd = new Crowd(context);
  let hearing: Hearing | undefined;
  try {
    const span = await loops.open();
    const before = await context.inside?.factory?.stats();
    hearing = await context.inside?.factory?.hear(CHANNELS);
    const cast = await gatherCast(context, crowd, rules, FIRST_USER);
    const play = await playEmergency({ context, crowd, rules, cast }, before, hearing);
    const loopDelayMs = await span.worstMs();
    if (isSpoilt(play, rules, loopDelayMs)) {
      const note = `the cleanups were over ${Math.round(play.finishedMs)} ms after the silent fell silent, and ordinary removal came between`;
      steps.giveUpPlay(note);
      return steps.skipRest('inconclusive', `${note}; repeat on a less busy machine, or with more heartbeat misses`);
    }
    await checkEmergency({ context, rules, cast, play, steps, loopDelayMs });
  } finally {
    // When the target is gone, nobody listens in it any more.
    await hearing?.stop().catch(() => undefined);
    crowd.dispose();
  }
}
