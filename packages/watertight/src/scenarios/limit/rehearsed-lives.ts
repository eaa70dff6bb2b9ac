import type { Lives, LivesRehearsed } from '../../inspector/types.ts';
import type { StepDefinition, StepOutcome } from '../types.ts';

/** A step about the life of managers on a factory whose time was moved by hand. */
interface LifeStep extends StepDefinition {
  readonly of: readonly (keyof Lives)[];
  readonly judge: (seen: Lives) => StepOutcome;
}

const ENDED = 'WATERTIGHT_E_CONNECTION_ENDED';

/** Active, pending, closing, connections, and managers without one, by what is there. */
const FIGURES: Readonly<Record<string, string>> = {
  'one that does not answer our close': '0 0 1 1 0',
  'it was cut off': '0 0 0 0 0',
  'one in its init': '0 1 0 1 0',
  'it left': '0 0 0 0 0',
  'one without a socket': '1 0 0 0 1',
  'it was closed': '0 0 0 0 0',
  'one with a socket': '1 0 0 1 0',
  'its socket is gone, its finalizer hangs': '0 0 1 0 0',
  'its deadline is over': '0 0 0 0 0',
  'one whose socket outlives its deadline': '0 0 0 0 0',
};

export const LIFE_STEPS: readonly LifeStep[] = [
  {
    id: 'limit/who-has-left-is-not-admitted',
    of: ['comings'],
    title:
      'There who has left is not admitted, before and during an init, no connection is admitted twice, and an init that never ends is refused in time',
    judge({ comings }) {
      const { left, twice, attached, held, meanwhile, never } = comings;
      const isRight =
        [left, meanwhile].every((reason) => reason === 'client-left') &&
        [twice, attached].every((error) => error === ENDED) &&
        held === 1 &&
        never === 'init-timeout';
      const message = `who had left: ${left}; a connection that is taken: ${twice}; one that has left, attached: ${attached}; held then: ${held}; who left during init: ${meanwhile}; whose init never ends: ${never}`;
      return outcome(isRight, 'wrong-held-count', message, comings);
    },
  },
  {
    id: 'limit/a-manager-lives-as-long-as-a-connection',
    of: ['sharing'],
    title:
      'There a manager lives while one of its connections does, then for its grace from the first word of the end, and on when somebody came back in it',
    judge({ sharing }) {
      const { withOne, withNone, back, closed, connectionsOfClosed } = sharing;
      const isRight =
        withOne === 'active, 1, 1 0' &&
        withNone === '0 1, closed' &&
        back === 'active' &&
        closed === 'closed' &&
        connectionsOfClosed === 0;
      const message = `with one of two connections: ${withOne}; 70 ms after the last, with a grace of 60: ${withNone}; where another came back in it: ${back}; one that was closed is ${closed} and has ${connectionsOfClosed} connections`;
      return outcome(isRight, 'wrong-held-count', message, sharing);
    },
  },
  {
    id: 'limit/the-figures-follow-each-life',
    of: ['figures'],
    title:
      'There the statistics say at every stage who is active, pending and closing and has a connection, who was cut off, who was asked, and who holds most',
    judge({ figures }) {
      const { told, reported, stuckClosing, socketsTimed, asked, largest } = figures;
      const wrong = Object.entries(FIGURES)
        .filter(([when, expected]) => told[when] !== expected)
        .map(([when, expected]) => `${when}: ${told[when] ?? 'nothing'} instead of ${expected}`);
      const isRight =
        wrong.length === 0 &&
        reported === 'rehearsed' &&
        stuckClosing === 1 &&
        socketsTimed === 4 &&
        asked >= 6 &&
        largest === 'joe 3, eve 2';
      const message = `active, pending, closing, connections, without: ${wrong.join('; ') || 'right'}; ended as 'rehearsed', reported as '${reported}'; one was cut off: ${stuckClosing}; four had a socket, timed: ${socketsTimed}; six were quiet, asked: ${asked}; the two who hold most: ${largest}`;
      return outcome(isRight, 'accounting-mismatch', message, {
        ...told,
        reported,
        stuckClosing,
        socketsTimed,
        asked,
        largest,
      });
    },
  },
  {
    id: 'limit/what-outlives-its-manager-is-suspected',
    of: ['suspicions'],
    title:
      'There a finalizer and work that go on after their manager are suspected until they end, and a loop that stood still is in the report',
    judge({ suspicions }) {
      const { before, overdue, after, recovered, toldStall } = suspicions;
      const isRight =
        before === '' &&
        overdue === 'finalizer-overdue 1, work-outlived 1' &&
        after === '' &&
        recovered === 2 &&
        toldStall === true;
      const message = `suspected before the deadline: ${before || 'nothing'}; after it: ${overdue || 'nothing'}; when both had ended: ${after || 'nothing'}, ${recovered} recovered; 300 ms of a loop that stood still are ${toldStall === true ? '' : 'not '}in the report`;
      return outcome(isRight, 'promise-broken', message, suspicions);
    },
  },
  {
    id: 'limit/an-emergency-waits-for-the-last-answer',
    of: ['emergencies', 'questions'],
    title:
      'There an emergency cleanup removes the dead but for one at work, hears who answers in the last turn, asks again when the loop stood still, and is waited for by a close',
    judge({ emergencies, questions }) {
      const { inTheLastTurn, isSliceTold, afterStall, whileClosing } = questions;
      const isRight =
        emergencies.dead === 1 &&
        emergencies.states === 'active, closed' &&
        inTheLastTurn === '1 asked, 1 answered, 1 pings, active' &&
        afterStall === '1 asked, 1 answered, 2 pings, active' &&
        isSliceTold &&
        whileClosing === 'ended';
      const message = `of two without a connection, the first at work, ${emergencies.dead} were removed: ${emergencies.states}; an answer in the last turn: ${inTheLastTurn}, its 3 ms ${isSliceTold ? '' : 'not '}told; one after the loop stood still: ${afterStall}; a run while the factory closes: ${whileClosing}`;
      return outcome(isRight, 'emergency-removed-living', message, { ...emergencies, ...questions });
    },
  },
  {
    id: 'limit/a-sign-of-life-is-no-use',
    of: ['uses'],
    title: 'There with evict-idle goes who only answered pings, and stays who worked or said something',
    judge({ uses }) {
      const isRight = uses.fourth === 'admitted' && uses.states === 'active, active, closed';
      const message = `the fourth at a limit of 3: ${uses.fourth}; one that worked, one that talked and one that only answered: ${uses.states}`;
      return outcome(isRight, 'limit-not-enforced', message, uses);
    },
  },
  {
    id: 'limit/what-has-nothing-to-wait-for-ends-at-once',
    of: ['ends'],
    title:
      'There a manager without a socket is closed in the same turn and its address is free, and a scope that hangs is closed by the deadline, its manager is not',
    judge({ ends }) {
      const isRight =
        ends.atOnce === 'closed, 1 run' &&
        ends.again === 'admitted' &&
        ends.scope === '8 run, 8 overdue' &&
        ends.living === 'active';
      const message = `a manager without a socket: ${ends.atOnce}; its address, once more: ${ends.again}; a scope of eight that hang, closed: ${ends.scope}; its manager: ${ends.living}`;
      return outcome(isRight, 'slow-finalizers', message, ends);
    },
  },
];

/** What threw is no reason to say nothing: the target's own factory does not do what it promises. */
export function judgeLife({ of, judge }: LifeStep, seen: LivesRehearsed): StepOutcome {
  const failures = of.flatMap((life) => seen.failed[life] ?? []);
  if (failures.length === 0) return judge(seen);
  return outcome(false, 'promise-broken', `it failed: ${failures.join('; ')}`, {});
}

function outcome(
  ok: boolean,
  type: NonNullable<StepOutcome['type']>,
  message: string,
  figures: StepOutcome['figures'] & {},
): StepOutcome {
  return { ok, message, type, isTimeless: true, figures: { ...figures } };
}
