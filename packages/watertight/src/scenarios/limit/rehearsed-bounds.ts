import type { BoundsRehearsed } from '../../inspector/types.ts';
import type { StepDefinition, StepOutcome } from '../types.ts';

/** A step about a bound, or about who goes first, that was tried beside the factory that serves. */
interface BoundStep extends StepDefinition {
  readonly judge: (seen: BoundsRehearsed) => StepOutcome;
}

/** Of a close frame (RFC 6455), less its code; and less the longest character, which may not have fitted. */
const MOST_BYTES = 123;
const LEAST_BYTES = 120;

export const BOUND_STEPS: readonly BoundStep[] = [
  {
    id: 'limit/pressure-sheds-the-idle-but-not-the-only-one',
    title:
      "There under pressure idle managers go before their time, a user's only one stays until overload, and each says why",
    judge({ shed }) {
      const isRight =
        shed.pressed === 'active of one; active and closed of two' &&
        shed.overloaded === 'closed, closed, closed' &&
        shed.why === '3 pressure:idle';
      const message = `idle for long, of 1 600 ms, with 94 % of maxHeapBytes in use: ${shed.pressed}; with 99 %: ${shed.overloaded}; reasons told: ${shed.why || 'none'}`;
      return outcome(isRight, 'promise-broken', message, shed);
    },
  },
  {
    id: 'limit/an-emergency-cleanup-comes-before-an-eviction',
    title: 'There at a limit of 3 with evict-oldest the silent one makes room, and nobody who answers is evicted',
    judge({ rescue }) {
      const isRight =
        rescue.fourth === 'admitted' &&
        rescue.states === 'active, closed, active' &&
        rescue.why === '1 emergency:silent';
      const message = `the fourth at a limit of 3 with evict-oldest: ${rescue.fourth}; the three, of whom the second is silent: ${rescue.states}; reasons told: ${rescue.why || 'none'}`;
      return outcome(isRight, 'emergency-removed-living', message, rescue);
    },
  },
  {
    id: 'limit/a-close-reason-fits-its-frame',
    title: 'There of a reason that is too long a close frame has the first 123 bytes, cut between characters',
    judge({ goodbye: { times, bytes, isBeginning } }) {
      const isRight = times === 1 && isBeginning && bytes >= LEAST_BYTES && bytes <= MOST_BYTES;
      const message = `a reason of 181 bytes was told ${times} times, with ${bytes} bytes, which are ${isBeginning ? 'its beginning' : 'no beginning of it'}; a close frame has room for ${MOST_BYTES}`;
      return outcome(isRight, 'promise-broken', message, { times, bytes, isBeginning });
    },
  },
  {
    id: 'limit/who-lives-on-and-on-is-suspected',
    title: 'There a manager that outlives warnAfterMs is told once as suspected, and once more when it has gone',
    judge({ watch }) {
      const isRight =
        watch.meanwhile === 'suspected long-lived' &&
        watch.standing === 1 &&
        watch.then === 'suspected long-lived, recovered long-lived' &&
        watch.left === 0;
      const message = `of a manager that outlived its 80 ms was told: ${watch.meanwhile || 'nothing'}, ${watch.standing} standing; and when it had gone: ${watch.then || 'nothing'}, ${watch.left} standing`;
      return outcome(isRight, 'promise-broken', message, watch);
    },
  },
];

function outcome(
  ok: boolean,
  type: NonNullable<StepOutcome['type']>,
  message: string,
  figures: StepOutcome['figures'] & {},
): StepOutcome {
  return { ok, message, type, figures: { ...figures } };
}
