import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { FactoryStats, UserUsage } from '@watertight/server';
import type { Client } from '../drive/types.ts';
import { poll, type Polled } from '../evidence/poll.ts';
import type { Figure } from '../verdict/types.ts';
import type { ViolationType } from '../verdict/violation-types.ts';
import type { Entry, ScenarioWorld } from './define-scenario.ts';
import { countAnswering, type Crowd } from './shared/crowd.ts';
import { deadlineMsOf, promisedLimit } from './shared/promised.ts';
import { excuseRefused } from './shared/turned-away.ts';
import type { Steps } from './steps.ts';
import { awaitedSilenceMs } from './timing/silence.ts';
import type { ScenarioContext, StepOutcome } from './types.ts';

const ANSWER_MS = 2_000;
const LOOK_EVERY_MS = 20;
/** What is broken where somebody who should have been let in was not. */
const NOT_LET_IN: ReadonlySet<ViolationType | undefined> = new Set([
  'limit-undershoot',
  'slot-not-reusable',
  'other-user-affected',
]);

/** The context of a scenario in the words of {@link ScenarioWorld}. */
export class ContextWorld implements ScenarioWorld {
  readonly limit: number | undefined;
  readonly deadlineMs: number;
  readonly silenceMs: number | undefined;
  readonly isLong: boolean;
  readonly signal: AbortSignal;
  readonly #context: ScenarioContext;
  readonly #steps: Steps;
  readonly #crowd: Crowd;

  constructor(context: ScenarioContext, steps: Steps, crowd: Crowd) {
    this.limit = promisedLimit(context.promises);
    this.deadlineMs = deadlineMsOf(context.promises);
    this.silenceMs = awaitedSilenceMs(context.promises) || undefined;
    this.isLong = context.isLong ?? false;
    this.signal = AbortSignal.any([context.signal]);
    // As many clients as a scenario has may wait for it at the same time.
    setMaxListeners(0, this.signal);
    this.#context = context;
    this.#steps = steps;
    this.#crowd = crowd;
  }

  random(): number {
    return this.#context.random();
  }

  user(index: number): string {
    return this.#context.drive.userId(index);
  }

  enter(user: string, options: { readonly session?: string } = {}): Promise<Entry> {
    return this.#crowd.enter(user, options);
  }

  enterWithin(user: string, patienceMs: number): Promise<Entry> {
    return this.#crowd.enterWithin(user, patienceMs);
  }

  fill(user: string, count: number): Promise<Client[]> {
    return this.#crowd.fill(user, count);
  }

  countAnswering(clients: readonly Client[], withinMs: number = ANSWER_MS): Promise<number> {
    return countAnswering(clients, withinMs);
  }

  async countGone(clients: readonly Client[], withinMs: number): Promise<number> {
    const gone = await Promise.all(clients.map((client) => client.gone(withinMs)));
    return gone.filter((seen) => seen !== undefined).length;
  }

  async usage(user: string): Promise<UserUsage | undefined> {
    return await this.#context.inside?.factory?.usage(user);
  }

  async stats(): Promise<FactoryStats | undefined> {
    return await this.#context.inside?.factory?.stats();
  }

  check(stepId: string, run: () => StepOutcome | Promise<StepOutcome>): Promise<boolean> {
    return this.#steps.check(stepId, async () => {
      const { promises, refusals = [] } = this.#context;
      const countBefore = refusals.length;
      const outcome = await run();
      // Most are let in, or not, while the step is looked at, and the others before.
      const looked = refusals.length > countBefore ? refusals.slice(countBefore) : refusals;
      if (!outcome.ok && NOT_LET_IN.has(outcome.type)) excuseRefused(promises, looked, outcome.message ?? '');
      return outcome;
    });
  }

  skip(stepId: string, status: Parameters<Steps['skip']>[1], note: string): void {
    this.#steps.skip(stepId, status, note);
  }

  figure(name: string, value: Figure): void {
    this.#context.tracker.figure(name, value);
  }

  until<T>(look: () => Promise<T> | T, done: (seen: T) => boolean, withinMs: number): Promise<Polled<T>> {
    return poll(look, done, { deadlineMs: withinMs, everyMs: LOOK_EVERY_MS, signal: this.signal });
  }

  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.signal });
  }
}
