import { Crowd } from './shared/crowd.ts';
import { promisedLimit } from './shared/promised.ts';
import { ANSWERS_STEP } from './limit/answers.ts';
import { ATTACK_SOCKETS } from './limit/attack.ts';
import { LimitCheck, RACING_COUNT } from './limit/check.ts';
import { ATTACK_STEP } from './limit/attack.ts';
import { FORWARDED_STEP } from './limit/forwarded.ts';
import { NAMELESS_STEP } from './limit/nameless.ts';
import { REHEARSAL_STEPS } from './limit/rehearsals.ts';
import { TALKING_STEP } from './limit/talking.ts';
import { inSteps } from './steps.ts';
import type { Scenario, StepDefinition } from './types.ts';

/** Above this a limit is not filled: it would take more sockets than a check may open. */
const LARGEST_LIMIT = 1_000;

const STEPS: readonly StepDefinition[] = [
  {
    id: 'limit/all-within-the-limit-are-admitted',
    title: 'As many sockets as the limit allows (20) are admitted for one user, and each answers a ping',
  },
  {
    id: 'limit/bytes-before-the-answer-are-kept',
    title: 'A client that sends a ping, byte by byte, without waiting for the answer to its request gets its pong',
  },
  TALKING_STEP,
  {
    id: 'limit/the-21st-is-refused',
    title:
      'One socket more is refused with the documented reason: HTTP status or close code, and where a body is given its reason and limit',
  },
  {
    id: 'limit/the-refused-is-not-served',
    title: 'Whoever was refused is not served all the same: no answer to a ping or a message, and the line is closed',
  },
  {
    id: 'limit/one-refusal-is-one-limit-hit',
    title: 'One refused attempt is one limit hit in the statistics of the server, not none and not two',
  },
  {
    id: 'limit/another-user-is-admitted',
    title: 'While one user is at the limit another user is admitted and answered',
  },
  {
    id: 'limit/everybody-admitted-is-still-served',
    title: 'The refusal harmed nobody: all sockets within the limit still answer a ping',
  },
  ANSWERS_STEP,
  { id: 'limit/three-of-five-come-back', title: '5 sockets end, 3 come back and are admitted' },
  { id: 'limit/eighteen-are-held', title: 'After 20 - 5 + 3 the server itself says that 18 are held' },
  {
    id: 'limit/exactly-two-more-fit',
    title: 'Seen from outside: exactly 2 more are admitted after that, and the next is refused',
  },
  {
    id: 'limit/a-race-for-the-last-slot-admits-one',
    title: '50 sockets at once at one below the limit (19 of 20): exactly one is admitted',
  },
  {
    id: 'limit/after-the-race-the-limit-is-held',
    title: 'After the race the server itself says that exactly the limit is held',
  },
  {
    id: 'limit/init-is-waited-for',
    title: 'An admission with an init is answered when the init is done, and holds its slot meanwhile',
  },
  {
    id: 'limit/a-failed-or-ended-init-refuses',
    title:
      'An init that throws, and a manager that is closed while its init runs, are refused with their reason and hold nothing',
  },
  {
    id: 'limit/an-override-holds-at-once',
    title:
      'A user with an override of 2 gets 2 managers, with one of 0 none, with one of Infinity more than others, and with none again as many; nobody is ended by it',
  },
  {
    id: 'limit/a-session-takes-its-own-place-over',
    title: 'At a limit of 1 the same session is admitted again in its own place, and another one is not',
  },
  FORWARDED_STEP,
  {
    id: 'limit/the-process-holds-no-more-than-its-limit',
    title:
      'A process with a limit of its own (maxManagers) is filled with managers of many users: exactly as many are held, and the next is refused',
  },
  ...REHEARSAL_STEPS,
  NAMELESS_STEP,
  ATTACK_STEP,
];

export const managerCreationLimitEnforcement: Scenario = {
  name: 'manager-creation-limit-enforcement',
  aliases: ['websocket-manager-creation-limit-enforcement'],
  purpose:
    "A user's limit is exact: everybody below it is admitted, nobody above it, and an ended connection gives its place back.",
  steps: STEPS,
  clients: 'plain',
  estimate({ promises }) {
    const limit = promisedLimit(promises) ?? 0;
    return limit === 0
      ? { sockets: 0, seconds: 0 }
      : { sockets: limit + RACING_COUNT + 18 + ATTACK_SOCKETS, seconds: 1 + Math.ceil(limit / 100) };
  },
  async run(examined) {
    await inSteps(examined, STEPS, async (steps, context) => {
      const { limit } = context.promises;
      if (limit.by === 'nobody')
        return steps.skipRest('not promised', 'nobody said how many connections a user may have (--limit)');
      if (limit.value > LARGEST_LIMIT) {
        const note = `a limit of ${limit.value} takes more than ${LARGEST_LIMIT} sockets to fill; start the server with a smaller one`;
        return steps.skipRest('not visible', note);
      }
      const crowd = new Crowd(context);
      const check = new LimitCheck(context, steps, crowd, limit.value);
      try {
        await check.run();
      } finally {
        check.dispose();
        crowd.dispose();
      }
    });
  },
};
