import type { LifeDrive, LifeEnding } from '../../drive/recipes/types.ts';
import type { Look } from '../../evidence/examination.ts';
import type { NewCollection } from '../../inspector/heap-types.ts';
import { isOpen } from '../../verdict/suspects.ts';
import type { Steps } from '../steps.ts';
import { awaitedSilenceMs } from '../timing/silence.ts';
import { PROVED_ELSEWHERE, type ScenarioContext, type StepDefinition, type StepOutcome } from '../types.ts';
import { armedSince } from './armed-timers.ts';
import { typeOfLeft } from './attribution.ts';
import { TIMER_SLACK_MS, type Cycled } from './cycling.ts';
import { kindCounts, kindCountsOf } from './kind-counts.ts';
import { countLeft, isAllCommon, type Remainder } from './left-counts.ts';
import { inFull, perConnection } from './left-sentence.ts';
import { liveMore } from './more-lives.ts';
import { tellSilentLeak } from './silent-finding.ts';

const ID = 'cycles/nothing-is-left-of-silent-peers';
const FIRST_USER = 1_460;
const SILENT: readonly LifeEnding[] = ['vanish', 'stall'];
/** A prime number of each way to fall silent; another one the second time: what a server keeps once is no more then. At first so many that a dictionary of them is followed. */
const FIRST_COUNT = 2 * 17;
const SECOND_COUNT = 2 * 11;
/** So many fall silent at most, all together. */
export const MOST_SILENT_COUNT: number = FIRST_COUNT + SECOND_COUNT;

export const SILENT_PEERS_STEP: StepDefinition = {
  id: ID,
  title: 'Where silence is promised to be noticed, nothing stays of peers that vanished or stalled and were given up',
};

/** Where peers fall silent. */
interface Site {
  readonly context: ScenarioContext;
  readonly lives: LifeDrive;
  readonly cycled: Cycled;
}

/** What stayed of some who fell silent. */
interface Stayed {
  readonly count: number;
  readonly left: readonly Remainder[];
  /** A collection of so many entries is followed only now: whether it has grown, nobody knows yet. */
  readonly mayHide: boolean;
  readonly before: Look;
  readonly look: Look;
  readonly lookedAfterMs: number;
  /** The same once more, when nothing is left or after `patienceMs`. */
  readonly lookAgain: (patienceMs: number) => Promise<Stayed>;
}

/**
 * Peers fall silent now; what is answered waits until the server has given them up, and judges what stays of them. They are no part of
 * the mixture of the cycles: each window would last as long as silence does. Something else may be looked at meanwhile, as long as it leaves nothing.
 */
export async function beginSilentPeers(
  context: ScenarioContext,
  steps: Steps,
  lives: LifeDrive,
  cycled: Cycled,
): Promise<() => Promise<void>> {
  const skipped = whyNot(context, cycled);
  if (skipped !== undefined) return async () => steps.skip(ID, ...skipped);
  const site = { context, lives, cycled };
  const first = await fallSilent(site, cycled.examination.lastWalk, FIRST_COUNT);
  return async () => {
    try {
      await steps.check(ID, async () => await judge(site, await first()));
    } finally {
      await lives.releaseHeld();
    }
  };
}

/** The same that was the largest of its kind then. */
function isIn({ heap }: Look, { kind, size }: NewCollection): boolean {
  return heap?.newCollections.some((one) => one.kind === kind && one.size === size) === true;
}

function whyNot(
  { promises, effort }: ScenarioContext,
  { examination, endings, suspects }: Cycled,
): readonly ['not visible' | 'not promised' | 'not run', string] | undefined {
  if (!effort.silentPeers) return ['not run', PROVED_ELSEWHERE];
  const { silenceDetectedWithinMs: silence } = promises;
  if (silence.by === 'nobody')
    return ['not promised', 'nobody said within which time a silent peer is noticed (--silence)'];
  if (Object.keys(kindCounts(examination.baseline)).length === 0)
    return ['not visible', 'neither the process of the server nor its inside can be looked at'];
  if (endings.length === 1) return ['not visible', 'the clients of these cycles end in one way'];
  if (suspects.some(isOpen))
    return ['not visible', 'something grew in the cycles, and would here: what stays after a vanish is told there'];
  if (awaitedSilenceMs(promises) === 0)
    return [
      'not visible',
      `silence is promised to be noticed within ${silence.value / 1_000} s, later than a check waits; a shorter heartbeat interval would show it`,
    ];
  return undefined;
}

async function judge(site: Site, first: Stayed): Promise<StepOutcome> {
  const { context, lives, cycled } = site;
  const figures = { 'silent peers': first.count, stayed: inFull(first), lookedAfterMs: first.lookedAfterMs };
  if (first.left.length === 0 && !first.mayHide) return { ok: true, figures };
  const [before, ...earlier] = await beforeTheSecond(site, first);
  const again = await awaitLate(site, await (await fallSilent(site, before, SECOND_COUNT, earlier))());
  const left = again.left.filter(
    ({ kind, name }) =>
      first.left.some((one) => one.kind === kind && one.name === name) || (first.mayHide && kind === 'collections'),
  );
  const outcome = { figures: { ...figures, 'silent peers, once more': again.count, 'stayed of those': inFull(again) } };
  if (left.length === 0 || isAllCommon(left)) return { ok: true, ...outcome };
  const message = `left of peers that vanished or stalled, ${again.lookedAfterMs} ms later: ${perConnection({ left, cycles: again.count })}`;
  // Whatever else stays hangs on the connections: what would help is to notice that their peers are gone.
  const type = left.some(({ kind }) => kind === 'sockets') ? 'sockets-left' : typeOfLeft(left);
  await tellSilentLeak(context, lives.each, cycled, { ...again, left, before });
  return { ok: false, message, type, ...outcome };
}

/**
 * What the second are compared with. Of the first that were given up everything has gone that will: what is there belongs to the server. Those it
 * never gave up go because we release them, and counted as its own they would make up for as many of the second.
 */
async function beforeTheSecond({ context, lives, cycled }: Site, first: Stayed): Promise<readonly [Look, ...Look[]]> {
  if (!first.left.some(isConnected)) return [first.look, first.before];
  await lives.releaseHeld();
  return [await cycled.examination.lookBeside(0, first.before.server, context.settleMs), first.before];
}

function isConnected({ kind }: Remainder): boolean {
  return kind === 'sockets' || kind === 'handles';
}

/**
 * Nobody is convicted for being late: those whose connections are still there are given the promised time once more, in case a loop stood still meanwhile,
 * and the time of timers that may release them, such as the one that ends the wait for the answer to a close frame.
 */
async function awaitLate({ context, cycled }: Site, stayed: Stayed): Promise<Stayed> {
  if (!stayed.left.some(isConnected)) return stayed;
  const leftMs = cycled.deadlineAtMs - performance.now();
  const delays = armedSince(stayed.before, stayed.look).map(({ delayMs }) => delayMs + TIMER_SLACK_MS);
  const waitMs = Math.max(noticedWithinMs(context, cycled), ...delays.filter((delayMs) => delayMs <= leftMs));
  context.say(`silent peers still have their connections: they are waited for, up to ${waitMs} ms more (--budget)`);
  return await stayed.lookAgain(waitMs);
}

/** By then silence is noticed, and what it releases is gone. */
function noticedWithinMs({ promises }: ScenarioContext, { patienceMs }: Cycled): number {
  const { deadlineMs } = promises;
  return awaitedSilenceMs(promises) + (deadlineMs.by === 'nobody' ? patienceMs : deadlineMs.value);
}

/** Peers fall silent now; what is answered waits until the server has had the time to notice, and says what it still has of them. */
async function fallSilent(
  { context, lives, cycled }: Site,
  before: Look,
  most: number,
  earlier: readonly Look[] = [],
): Promise<() => Promise<Stayed>> {
  const { examination } = cycled;
  const { drive, promises, settleMs } = context;
  const { limit } = promises;
  // Those of the first trial have been noticed; here they leave, so that their places are free.
  await lives.releaseHeld();
  const users = cycled.users.map((_, index) => drive.userId(FIRST_USER + index));
  const room = limit.by === 'nobody' ? most : Math.min(most, users.length * limit.value);
  const wave = await liveMore(
    context,
    lives,
    { ...cycled, users, newcomer: undefined },
    { cycles: room, endings: SILENT },
  );
  const silentAtMs = performance.now();
  const noticedMs = noticedWithinMs(context, cycled);
  const look = async (untilMs: number): Promise<Stayed> => {
    const seen = await examination.lookBeside(wave.admitted, before.server, untilMs);
    const lookedAfterMs = Math.round(performance.now() - silentAtMs);
    // Who vanishes and who stalls may end by different code.
    const least = Math.max(1, Math.floor(wave.admitted / SILENT.length));
    const left = countLeft(...kindCountsOf(...earlier, before, seen), least);
    const mayHide = (seen.heap?.newCollections ?? []).some((one) => one.size >= least && !isIn(before, one));
    const stayed = { count: wave.admitted, left: isAllCommon(left) ? [] : left, mayHide };
    return { ...stayed, before, look: seen, lookedAfterMs, lookAgain: look };
  };
  // Whether it is noticed in time is examined where time is: here nobody is convicted for being late.
  return async () => await look(Math.max(0, silentAtMs + noticedMs - performance.now()) + settleMs);
}
