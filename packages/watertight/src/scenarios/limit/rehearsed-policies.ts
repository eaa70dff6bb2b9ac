import type { PoliciesRehearsed } from '../../inspector/types.ts';
import type { StepDefinition, StepOutcome } from '../types.ts';

/** A step about a policy that was tried beside the factory that serves. */
export interface PolicyStep extends StepDefinition {
  readonly judge: (seen: PoliciesRehearsed) => StepOutcome;
}

const TOO_MANY = 'address-rate, address-rate, address-rate';

export const POLICY_STEPS: readonly PolicyStep[] = [
  {
    id: 'limit/an-address-has-one-connect-rate',
    title: 'There the third of two connects in one burst from an address is refused, whatever it calls itself',
    judge({ arrivals: { ofOne, later } }) {
      const isRight = ofOne === `admitted, admitted, ${TOO_MANY}` && later === 'admitted';
      const message = `five users at once from one address from which two may come: ${ofOne}; one more 150 ms later, at 10 a second: ${later}`;
      return outcome(isRight, message, { ofOne, later });
    },
  },
  {
    id: 'limit/a-rate-of-all-is-not-spent-by-one',
    title:
      'There who is stopped by the rate of an address takes nothing of the rate of all, which stops the sixth of five',
    judge({ arrivals: { ofOne, ofOthers } }) {
      const isRight = ofOthers === 'admitted, admitted, admitted, server-rate';
      const message = `of five from one address (${ofOne}) and four from others, where five may come in all, the four: ${ofOthers}`;
      return outcome(isRight, message, { ofOne, ofOthers });
    },
  },
  {
    id: 'limit/an-eviction-of-the-idle-spares-work-and-use',
    title: 'There with evict-idle nobody goes who was just used or is at work, and who is idle for long enough does',
    judge({ idle }) {
      const isRight =
        idle.atOnce === 'user-limit' &&
        idle.later === 'admitted' &&
        idle.states === 'active, closed' &&
        idle.why === 'evicted:idle';
      const message = `the third at a limit of 2 with evict-idle after 150 ms: ${idle.atOnce} at once, ${idle.later} after that; the first, at work, and the second, idle: ${idle.states}; reasons told: ${idle.why || 'none'}`;
      return outcome(isRight, message, idle);
    },
  },
  {
    id: 'limit/a-function-decides-in-time-or-refuses',
    title: 'There whom an onLimit function names after 10 ms makes room; while one never answers, who comes is refused',
    judge({ decided }) {
      const isRight =
        decided.newcomer === 'admitted' &&
        decided.states === 'active, closed' &&
        decided.why === 'evicted:chosen' &&
        decided.hung === 'user-limit';
      const message = `the third at a limit of 2 where a function names the second: ${decided.newcomer}; first and second: ${decided.states}; reasons told: ${decided.why || 'none'}; where it never answers: ${decided.hung}`;
      return outcome(isRight, message, decided);
    },
  },
  {
    id: 'limit/a-full-heap-stops-newcomers',
    title: 'There with 96 % of maxHeapBytes in use newcomers are refused, with 92 % still, and with 50 % no longer',
    judge: ({ heap }) => judgePressure('of maxHeapBytes in use', heap),
  },
  {
    id: 'limit/a-slow-event-loop-stops-newcomers',
    title: 'There at 96 % of maxEventLoopDelayMs newcomers are refused, at 92 % still, and at 50 % no longer',
    judge: ({ eventLoop }) => judgePressure('of maxEventLoopDelayMs', eventLoop),
  },
];

function judgePressure(what: string, seen: string): StepOutcome {
  const isRight = seen === 'overloaded, overloaded, admitted';
  return outcome(isRight, `a newcomer with 96 %, then 92 %, then 50 % ${what}: ${seen}`, { seen });
}

function outcome(ok: boolean, message: string, figures: StepOutcome['figures'] & {}): StepOutcome {
  return { ok, message, type: 'limit-not-enforced', figures: { ...figures } };
}
