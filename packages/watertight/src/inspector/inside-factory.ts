import type { FactoryStats, ReleaseReport, ResolvedOptions, UserUsage } from '@watertight/server';
import { callOn, evaluate, evaluateHandle } from './evaluate.ts';
import {
  ADMIT_UNATTACHED,
  ADMIT_WITH_INIT,
  CLOSE_TWICE,
  END_WITH_FINALIZERS,
  FILL_PROCESS,
  HANG_FINALIZER,
  hearing,
  OVERRIDE_LIMITS,
  RUN_EMERGENCY,
  TAKE_SESSION_OVER,
  START_WORK,
} from './factory-probes.ts';
import { REHEARSE_BOUNDS } from './bound-probes.ts';
import { REHEARSE_LIVES } from './life-probes.ts';
import { REHEARSE_POLICIES } from './policy-probes.ts';
import { REHEARSE_DOORS, REHEARSE_DRAIN, REHEARSE_SENDING } from './rehearsal-probes.ts';
import type { InspectorSession } from './session.ts';
import type {
  BoundsRehearsed,
  ClosedTwice,
  DoorsRehearsed,
  DrainRehearsed,
  EmergencyAnswer,
  EmergencyOptions,
  FinalizerPlan,
  FinalizersSeen,
  Hearing,
  InitsSeen,
  InsideFactory,
  LimitsOverridden,
  LivesRehearsed,
  PoliciesRehearsed,
  SendingRehearsed,
  SessionTakenOver,
  ProcessFilled,
} from './types.ts';

/** The first open factory of the process, or the first of that name; found anew for every call, so that nothing here keeps it alive. */
function finder(name: string | undefined): string {
  return `(() => {
    const known = globalThis[Symbol.for('watertight.factories')];
    if (known?.version !== 1) return undefined;
    const name = ${JSON.stringify(name ?? null)};
    return known.list().find((factory) => (name === null || factory.name === name) && factory.stats().state === 'open');
  })()`;
}

/** Answers `undefined` when the target has no factory that is open, or none of that name. */
export async function findFactory(session: InspectorSession, name?: string): Promise<InsideFactory | undefined> {
  const find = finder(name);
  const options = await evaluate<ResolvedOptions | null>(session, `() => ${find}?.options`);
  return options === null ? undefined : new FactoryInside(session, options, find);
}

class FactoryInside implements InsideFactory {
  readonly options: ResolvedOptions;
  readonly #session: InspectorSession;
  readonly #find: string;

  constructor(session: InspectorSession, options: ResolvedOptions, find: string) {
    this.#session = session;
    this.#find = find;
    this.options = options;
  }

  stats(): Promise<FactoryStats> {
    return this.#ask(`(factory) => factory.stats()`);
  }

  usage(user: string): Promise<UserUsage> {
    return this.#ask(`(factory, user) => factory.usage(user)`, user);
  }

  runEmergencyCleanup(user?: string, options?: EmergencyOptions): Promise<EmergencyAnswer | undefined> {
    return this.#ask<EmergencyAnswer | null>(RUN_EMERGENCY, user ?? null, options ?? null).then(
      (answer) => answer ?? undefined,
    );
  }

  closeAllForUser(user: string, reason?: string): Promise<readonly ReleaseReport[]> {
    return this.#ask(
      `(factory, user, reason) => factory.closeAllForUser(user, reason ?? undefined)`,
      user,
      reason ?? null,
    );
  }

  async startCloseAllForUser(user: string, reason?: string): Promise<void> {
    const source = `(factory, user, reason) => {
      Promise.resolve(factory.closeAllForUser(user, reason ?? undefined)).catch(() => {});
    }`;
    await this.#ask(source, user, reason ?? null);
  }

  hangFinalizer(user: string): Promise<string> {
    return this.#ask(HANG_FINALIZER, user);
  }

  admitUnattached(user: string): Promise<{ readonly id: string } | { readonly refused: string }> {
    return this.#ask(ADMIT_UNATTACHED, user);
  }

  endWithFinalizers(
    user: string,
    reason: string,
    plans: readonly FinalizerPlan[],
    workMs: number | null = 0,
  ): Promise<FinalizersSeen> {
    return this.#ask(END_WITH_FINALIZERS, user, reason, plans, workMs);
  }

  admitWithInit(user: string): Promise<InitsSeen> {
    return this.#ask(ADMIT_WITH_INIT, user);
  }

  fillProcess(userPrefix: string, perUser: number): Promise<ProcessFilled> {
    return this.#ask(FILL_PROCESS, userPrefix, perUser);
  }

  overrideLimits(user: string): Promise<LimitsOverridden> {
    return this.#ask(OVERRIDE_LIMITS, user);
  }

  takeSessionOver(user: string): Promise<SessionTakenOver> {
    return this.#ask(TAKE_SESSION_OVER, user);
  }

  async rehearseDrain(patienceMs: number): Promise<DrainRehearsed | undefined> {
    return (await this.#ask<DrainRehearsed | null>(REHEARSE_DRAIN, patienceMs)) ?? undefined;
  }

  async rehearseSending(): Promise<SendingRehearsed | undefined> {
    return (await this.#ask<SendingRehearsed | null>(REHEARSE_SENDING)) ?? undefined;
  }

  async rehearseDoors(): Promise<DoorsRehearsed | undefined> {
    return (await this.#ask<DoorsRehearsed | null>(REHEARSE_DOORS)) ?? undefined;
  }

  async rehearsePolicies(): Promise<PoliciesRehearsed | undefined> {
    return (await this.#ask<PoliciesRehearsed | null>(REHEARSE_POLICIES)) ?? undefined;
  }

  async rehearseBounds(): Promise<BoundsRehearsed | undefined> {
    return (await this.#ask<BoundsRehearsed | null>(REHEARSE_BOUNDS)) ?? undefined;
  }

  async rehearseLives(): Promise<LivesRehearsed | undefined> {
    return (await this.#ask<LivesRehearsed | null>(REHEARSE_LIVES)) ?? undefined;
  }

  startWork(user: string): Promise<string> {
    return this.#ask(START_WORK, user);
  }

  closeTwice(user: string, reason: string): Promise<ClosedTwice> {
    return this.#ask(CLOSE_TWICE, user, reason);
  }

  async hear(channels: readonly string[]): Promise<Hearing> {
    const handle = await evaluateHandle(this.#session, hearing(channels, this.options.name));
    return {
      heard: () => callOn(this.#session, handle, 'function () { return this.heard; }'),
      stop: () => callOn(this.#session, handle, 'function () { this.stop(); }'),
    };
  }

  #ask<Result>(source: string, ...args: readonly unknown[]): Promise<Result> {
    const found = `(...args) => {
      const factory = ${this.#find};
      if (factory === undefined) throw new Error('the target has no open factory any more');
      return (${source})(factory, ...args);
    }`;
    return evaluate<Result>(this.#session, found, args);
  }
}
