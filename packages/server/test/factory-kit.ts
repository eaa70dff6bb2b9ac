import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { onTestFinished } from 'vitest';
import type { AdmitOptions } from '../src/admission.ts';
import { EVENT_NAMES, type EventName } from '../src/events.ts';
import { createManagerFactory } from '../src/factory.ts';
import type { ManagerFactory } from '../src/manager-factory.ts';
import type { Manager } from '../src/manager.ts';
import type { ErrorStage, ManagerFactoryOptions } from '../src/options.ts';
import { FakePeer, type PeerHabits } from './fake-peer.ts';
import { ManualClock } from './manual-clock.ts';

/** Runs after the test, last added first. Of the test, not of the file: files may share a process, and this module with it. */
export function atEnd(end: () => unknown): void {
  onTestFinished(async () => {
    await end();
  });
}

export interface Reported {
  readonly error: unknown;
  readonly stage: ErrorStage;
  readonly name: string | undefined;
}

/** A factory whose time is moved by hand. */
export class Bench {
  readonly clock: ManualClock;
  readonly errors: Reported[] = [];
  readonly factory: ManagerFactory;

  constructor(options: ManagerFactoryOptions = {}, clock: ManualClock = new ManualClock()) {
    this.clock = clock;
    this.factory = createManagerFactory({
      clock: this.clock,
      onError: (error, { stage, name }) => this.errors.push({ error, stage, name }),
      ...options,
    });
    this.factory.start();
    atEnd(() => this.finish());
  }

  /** Closes the factory and lets its time pass. */
  async finish(): Promise<void> {
    const closed = this.factory.close();
    await this.clock.advance(1000);
    await closed;
  }

  /** An admitted manager; throws when it is refused. */
  manager(user = 'ada', options: Omit<AdmitOptions, 'init'> = { withoutConnection: true }): Manager {
    const admission = this.factory.tryAdmit({ user }, options);
    if (!admission.admitted) throw new Error(`${user} was refused: ${admission.message}`);
    return admission.manager;
  }

  managers(count: number, user = 'ada'): Manager[] {
    return Array.from({ length: count }, () => this.manager(user));
  }

  /** An admitted manager with a connection. */
  session(user = 'ada', habits: PeerHabits = {}): { manager: Manager; peer: FakePeer } {
    const peer = new FakePeer(this.factory, habits);
    return { manager: this.manager(user, { connection: peer.connection }), peer };
  }

  sessions(count: number, user = 'ada', habits: PeerHabits = {}): { manager: Manager; peer: FakePeer }[] {
    return Array.from({ length: count }, () => this.session(user, habits));
  }

  held(user = 'ada'): number {
    return this.factory.usage(user).held;
  }
}

export interface Recorded {
  readonly name: EventName;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Everything that is published from now on until the test ends. */
export function recordEvents(names: readonly EventName[] = EVENT_NAMES): Recorded[] {
  const events: Recorded[] = [];
  for (const name of names) {
    const listener = (message: unknown): void => {
      events.push({ name, payload: message as Record<string, unknown> });
    };
    subscribe(name, listener);
    atEnd(() => unsubscribe(name, listener));
  }
  return events;
}

/** `created = active + pending + closing + released`. */
export function accountsBalance(factory: ManagerFactory): boolean {
  const { created, active, pending, closing, released } = factory.stats();
  return created === active + pending + closing + released.total;
}

/** A promise to be settled from outside. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

export function deferred<Value = void>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** Says whether a promise is settled by now. */
export function watch(promise: Promise<unknown>): { readonly settled: boolean } {
  const state = { settled: false };
  const settle = (): void => {
    state.settled = true;
  };
  promise.then(settle, settle);
  return state;
}

export const NEVER: Promise<never> = new Promise(() => undefined);
