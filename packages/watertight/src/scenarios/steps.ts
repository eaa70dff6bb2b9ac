import { setTimeout as delay } from 'node:timers/promises';
import { LOOP_DELAY_LIMIT_MS } from '../verdict/deadline.ts';
import { PlayAgain } from '../verdict/play-again.ts';
import { laterUsers } from './later-users.ts';
import { LoopWatch, type LoopSpan } from './shared/loop-watch.ts';
import type { Copies, ScenarioContext, StepDefinition, StepOutcome } from './types.ts';

/** Between two plays, for what the first let go of. */
const REST_MS = 500;
/** Whoever ran for the rest of the time that was waited for it had time enough. */
const EXPLAINING_SHARE = 1 / 4;

/** Leaves a scenario at its first violation, when the run asked for that. */
class FirstViolation extends Error {}

type Body = (steps: Steps, context: ScenarioContext) => Promise<void>;

/** Records the steps of one scenario, in any order; whatever was not looked at can be told in one go. */
export class Steps {
  readonly #context: ScenarioContext;
  readonly #open: Set<string>;
  /** By an earlier play: what it saw stands. */
  readonly #concluded: ReadonlySet<string>;
  readonly #span: LoopSpan | undefined;
  readonly #isLastPlay: boolean;

  /** @internal Use {@link inSteps}. */
  constructor(
    context: ScenarioContext,
    definitions: readonly StepDefinition[],
    span: LoopSpan | undefined,
    firstPlay?: Steps,
  ) {
    this.#context = context;
    this.#span = span;
    this.#isLastPlay = firstPlay !== undefined || span === undefined;
    this.#open = new Set(firstPlay === undefined ? definitions.map((definition) => definition.id) : firstPlay.#open);
    this.#concluded = new Set(definitions.map(({ id }) => id).filter((id) => !this.#open.has(id)));
  }

  /** Runs a step; answers whether it held. Leaves the scenario when it was broken and the run stops at the first violation. */
  async check(id: string, run: () => Promise<StepOutcome> | StepOutcome): Promise<boolean> {
    if (this.#concluded.has(id)) return await runUnrecorded(run);
    let broken = false;
    this.#context.progress({ step: id });
    const held = await this.#context.tracker.step(id, async () => {
      const outcome = await run();
      await this.#excuse(outcome);
      broken = !outcome.ok;
      return outcome;
    });
    this.#open.delete(id);
    // Only a violation ends the run early: what could not be looked at must not hide what comes after it.
    const { bail, bailAt } = this.#context;
    if (broken && bail && bailAt?.includes(id) !== false) throw new FirstViolation(id);
    return held;
  }

  /** What was played is worth nothing: leaves it for a second play, or answers that there is none. */
  giveUpPlay(why: string): void {
    if (!this.#isLastPlay) throw new PlayAgain(why);
  }

  skip(id: string, status: 'not visible' | 'not promised' | 'inconclusive' | 'not run', note: string): void {
    if (this.#open.delete(id)) this.#context.tracker.skip(id, status, note);
  }

  /** Every step that was neither checked nor skipped so far. */
  skipRest(status: 'not visible' | 'not promised' | 'inconclusive' | 'not run', note: string): void {
    for (const id of this.#open) this.skip(id, status, note);
  }

  /** Throws where nothing is proved, because server or clients did not run for a while. */
  async #excuse({ ok, isTimeless, waitedMs = 0, message }: StepOutcome): Promise<void> {
    if (ok || isTimeless === true || this.#span === undefined) return;
    const stoodStillMs = await this.#span.worstMs();
    if (stoodStillMs <= Math.max(LOOP_DELAY_LIMIT_MS, waitedMs * EXPLAINING_SHARE)) return;
    const why = `${message ?? ''}, but an event loop stood still for ${Math.round(stoodStillMs)} ms meanwhile`;
    this.giveUpPlay(why);
    throw new Error(`${why}; repeat on a less busy machine`);
  }
}

async function runUnrecorded(run: () => Promise<StepOutcome> | StepOutcome): Promise<boolean> {
  try {
    return (await run()).ok;
  } catch {
    return false;
  }
}

/**
 * Runs a scenario's body; once more, with other users, where a step was broken while an event loop stood still for longer than
 * {@link LOOP_DELAY_LIMIT_MS}. What is broken then as well, while a loop stood still then as well, is `inconclusive`. A server that
 * is known to be faulty has no such excuse. A failure
 * outside any step makes the steps that are left `inconclusive`; an abort is the tracker's.
 */
export async function inSteps(
  context: ScenarioContext,
  definitions: readonly StepDefinition[],
  body: Body,
): Promise<void> {
  if (context.isFaulty === true) return await inOnePlay(context, definitions, body);
  const loops = new LoopWatch(context);
  const watched = { ...context, copies: context.copies && watchedCopies(context.copies, loops) };
  const first = new Steps(context, definitions, await loops.open());
  try {
    const again = await play(first, watched, body);
    if (again === undefined) return;
    context.say(`Once more, with other users: ${again}.`);
    await delay(REST_MS, undefined, { signal: context.signal }).catch(() => undefined);
    const second = new Steps(context, definitions, await loops.open(), first);
    await play(second, { ...watched, drive: laterUsers(context.drive) }, body);
  } finally {
    loops.stop();
  }
}

/** The same for a scenario that judges by itself what an event loop that stood still excuses, or in which nothing is a question of time. */
export async function inOnePlay(
  context: ScenarioContext,
  definitions: readonly StepDefinition[],
  body: Body,
): Promise<void> {
  await play(new Steps(context, definitions, undefined), context, body);
}

/** Answers why it is to be played again, if it is. */
async function play(steps: Steps, context: ScenarioContext, body: Body): Promise<string | undefined> {
  try {
    await body(steps, context);
  } catch (error) {
    if (error instanceof PlayAgain) return error.message;
    if (error instanceof FirstViolation)
      steps.skipRest('not run', `stopped at the first violation, in ${error.message}`);
    else if (!context.signal.aborted)
      steps.skipRest('inconclusive', error instanceof Error ? error.message : String(error));
  }
  return undefined;
}

/** Nobody looks into a further process: the system says whether it could run. */
function watchedCopies(copies: Copies, loops: LoopWatch): Copies {
  return {
    start: async (options) => {
      const copy = await copies.start(options);
      loops.watchProcesses(() => copy.target.pids);
      return copy;
    },
  };
}
