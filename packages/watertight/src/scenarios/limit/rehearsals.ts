import { withinMs } from '../../evidence/poll.ts';
import type {
  BoundsRehearsed,
  DoorsRehearsed,
  DrainRehearsed,
  InsideFactory,
  LivesRehearsed,
  PoliciesRehearsed,
  SendingRehearsed,
} from '../../inspector/types.ts';
import { type StepDefinition, type StepOutcome, TAKES_NO_CLOCK } from '../types.ts';
import type { Steps } from '../steps.ts';
import { BOUND_STEPS } from './rehearsed-bounds.ts';
import { judgeLife, LIFE_STEPS } from './rehearsed-lives.ts';
import { POLICY_STEPS } from './rehearsed-policies.ts';

const DRAIN = 'limit/a-drain-ends-everybody-and-admits-nobody';
const SENDING = 'limit/a-frame-over-the-bound-is-not-sent';
const RATE = 'limit/a-connect-rate-fills-up-again';
const EVICTION = 'limit/an-eviction-ends-the-oldest-and-says-so';
const ADDRESS = 'limit/a-network-of-ipv6-is-one-address';
const LOAD = 'limit/newcomers-stop-before-the-process-is-full';

export const REHEARSAL_STEPS: readonly StepDefinition[] = [
  {
    id: DRAIN,
    title:
      'A drain, tried on a factory beside the one that serves, refuses whoever comes, ends everybody, hung work too, over its window, waits for what is unsent, and reports each',
  },
  {
    id: SENDING,
    title:
      'There a frame that would go over the bound of unsent bytes is not sent, and who does not read is let go, kept (drop), or as a function says',
  },
  {
    id: RATE,
    title: 'There the third of two connects in one burst is refused, and one more is admitted a moment later',
  },
  {
    id: EVICTION,
    title: 'There at a limit of 2 with evict-oldest the third is admitted and the first ended, with that reason',
  },
  {
    id: ADDRESS,
    title: 'There three addresses of one IPv6 network are one address to a limit of 2, and another network is another',
  },
  { id: LOAD, title: 'There of a process for 20 the last place is not given away (overloadThreshold 95 %)' },
  ...[...POLICY_STEPS, ...BOUND_STEPS, ...LIFE_STEPS].map(({ id, title }) => ({ id, title })),
];

const DRAIN_PATIENCE_MS = 1_500;
const PATIENCE_MS = 2_000;
/** Of the 400 ms before the last call of a gentle drain: nobody comes earlier than its part, however busy the machine. */
const SPREAD_MS = 250;

/** Policies tried on factories beside the one that serves, begun at once so that they take no time of their own. */
export class PolicyRehearsals {
  readonly #factory: InsideFactory | undefined;
  readonly #drain: Promise<DrainRehearsed | undefined> | undefined;
  readonly #sending: Promise<SendingRehearsed | undefined> | undefined;
  readonly #doors: Promise<DoorsRehearsed | undefined> | undefined;
  readonly #policies: Promise<PoliciesRehearsed | undefined> | undefined;
  readonly #bounds: Promise<BoundsRehearsed | undefined> | undefined;
  readonly #lives: Promise<LivesRehearsed | undefined> | undefined;

  constructor(factory: InsideFactory | undefined) {
    this.#factory = factory;
    this.#drain = factory?.rehearseDrain(DRAIN_PATIENCE_MS);
    this.#sending = factory?.rehearseSending();
    this.#doors = factory?.rehearseDoors();
    this.#policies = factory?.rehearsePolicies();
    this.#bounds = factory?.rehearseBounds();
    this.#lives = factory?.rehearseLives();
    // They may fail while something else is looked at.
    for (const rehearsed of [this.#drain, this.#sending, this.#doors, this.#policies, this.#bounds, this.#lives])
      rehearsed?.catch(() => undefined);
  }

  async check(steps: Steps): Promise<void> {
    if (
      this.#factory === undefined ||
      (await withinMs(
        this.#sending?.catch(() => null),
        PATIENCE_MS,
      )) === undefined
    ) {
      const why =
        this.#factory === undefined
          ? 'the server shows no factory that can be asked'
          : 'its factory makes no other to rehearse on (an older release)';
      for (const { id } of REHEARSAL_STEPS) steps.skip(id, 'not visible', why);
      return;
    }
    await judged(steps, DRAIN, this.#drain, judgeDrain);
    await judged(steps, SENDING, this.#sending, judgeSending);
    await judged(steps, RATE, this.#doors, judgeRate);
    await judged(steps, EVICTION, this.#doors, judgeEviction);
    await judged(steps, ADDRESS, this.#doors, judgeAddress);
    await judged(steps, LOAD, this.#doors, judgeLoad);
    for (const { id, judge } of POLICY_STEPS) await judged(steps, id, this.#policies, judge);
    for (const { id, judge } of BOUND_STEPS) await judged(steps, id, this.#bounds, judge);
    await this.#checkLives(steps);
  }

  async #checkLives(steps: Steps): Promise<void> {
    const isNone = this.#lives?.then(
      (seen) => seen === undefined,
      () => false,
    );
    if ((await withinMs(isNone, PATIENCE_MS)) === true) {
      for (const { id } of LIFE_STEPS) steps.skip(id, 'not visible', TAKES_NO_CLOCK);
      return;
    }
    for (const step of LIFE_STEPS) await judged(steps, step.id, this.#lives, (seen) => judgeLife(step, seen));
  }
}

async function judged<Seen>(
  steps: Steps,
  id: string,
  rehearsed: Promise<Seen | undefined> | undefined,
  judge: (seen: Seen) => StepOutcome,
): Promise<void> {
  await steps.check(id, async () => {
    const seen = await withinMs(rehearsed, PATIENCE_MS);
    if (seen !== undefined) return judge(seen);
    return { ok: false, message: `the rehearsal was not answered within ${PATIENCE_MS} ms`, type: 'promise-broken' };
  });
}

function judgeDrain(seen: DrainRehearsed): StepOutcome {
  const { managers, newcomer, ended, reported, finalized, drained, left, gently } = seen;
  const isGentle = gently?.unsentAtClose === 0 && gently.lastMs >= SPREAD_MS && gently.leftAtLast === 0;
  const isRight =
    isGentle &&
    newcomer === 'draining' &&
    ended &&
    [reported, finalized, drained].every((count) => count === managers) &&
    left === 0;
  const message = `a drain of ${managers} managers over 200 ms ${ended ? 'ended' : `did not end within ${DRAIN_PATIENCE_MS} ms`}: ${reported} reported, ${drained} released for it, ${finalized} finalizers run, ${left} left; somebody who came meanwhile: ${newcomer}; ${gentlyText(gently)}`;
  const { gently: _gently, ...figures } = seen;
  return { ok: isRight, message, type: 'promise-broken', figures: { ...figures, ...gently } };
}

function gentlyText(gently: DrainRehearsed['gently']): string {
  if (gently === null) return 'one of four over 500 ms did not end';
  const { unsentAtClose, lastMs, leftAtLast } = gently;
  return `of four over 500 ms, who have something to send for 150, ${unsentAtClose} were closed with that unsent, and the last after ${lastMs} ms; what is to be closed last ${leftAtLast === null ? 'never was' : `was when ${leftAtLast} were left`}`;
}

function judgeSending(seen: SendingRehearsed): StepOutcome {
  const { fits, isOver, isTooLarge, held, letGo, dropping, asking } = seen;
  const isRight =
    fits &&
    !isOver &&
    !isTooLarge &&
    held === 0 &&
    letGo === 2 &&
    dropping.sent === 'true, false' &&
    dropping.held === 1 &&
    dropping.told === 1 &&
    asking.sent === 'true, true, false, false' &&
    asking.asked === '600 + 401, 600 + 401, 600 + 401' &&
    asking.held === 1 &&
    asking.letGo === 1;
  const said = (mayBeSent: boolean): string => (mayBeSent ? 'sent' : 'not sent');
  const message = `with a bound of 1 000 unsent bytes 400 behind 600 are ${said(fits)}, 401 ${said(isOver)}, and 1 001 behind none ${said(isTooLarge)}; of the two who read too slowly ${letGo} were let go and ${held} are held; with 'drop' 400 and 401 may be sent: ${dropping.sent}, ${dropping.told} told as dropped, ${dropping.held} of 1 held; with a function, told to send, to drop and to terminate: ${asking.sent}, asked for ${asking.asked || 'nothing'}, ${asking.letGo} of 1 let go`;
  const figures = { fits, isOver, isTooLarge, held, letGo, dropping: dropping.sent, asking: asking.sent };
  return { ok: isRight, message, type: 'promise-broken', figures };
}

function judgeRate({ rate }: DoorsRehearsed): StepOutcome {
  const isRight = rate.atOnce === 'admitted, admitted, user-rate' && rate.later === 'admitted';
  const message = `three connects at once where two may come: ${rate.atOnce}; one more 150 ms later, at 10 a second: ${rate.later}`;
  return { ok: isRight, message, type: 'limit-not-enforced', figures: { ...rate } };
}

function judgeEviction({ eviction }: DoorsRehearsed): StepOutcome {
  const { newcomer, oldest, other, why } = eviction;
  const isRight = newcomer === 'admitted' && oldest === 'closed' && other === 'active' && why === 'evicted:oldest';
  const message = `the third at a limit of 2 with evict-oldest: ${newcomer}; the first is ${oldest}, the second ${other}; reasons told: ${why || 'none'}`;
  return { ok: isRight, message, type: 'limit-not-enforced', figures: { ...eviction } };
}

function judgeAddress({ address }: DoorsRehearsed): StepOutcome {
  const isRight = address.oneNetwork === 'admitted, admitted, address-limit' && address.another === 'admitted';
  const message = `three of one IPv6 network where two may come: ${address.oneNetwork}; one of another: ${address.another}`;
  return { ok: isRight, message, type: 'limit-not-enforced', figures: { ...address } };
}

function judgeLoad({ load }: DoorsRehearsed): StepOutcome {
  const isRight = load.admitted === 19 && load.then === 'overloaded';
  const message = `a process for 20 that is full at 95 % admitted ${load.admitted}, then: ${load.then}`;
  return { ok: isRight, message, type: 'limit-not-enforced', figures: { ...load } };
}
