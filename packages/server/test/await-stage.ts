import type { Socket } from 'node:net';
import { expect } from 'vitest';
import type { ManagerFactoryOptions } from '../src/options.ts';
import type { Quota } from '../src/quota/lease-terms.ts';
import { memoryQuota } from '../src/quota/memory-quota.ts';
import type { LeaseStore } from '../src/quota/types.ts';
import { type Behaviour, type Hook, type Stage, type Subject, isEmpty, isServed, stageOf } from './conformance-kit.ts';
import { type Deferred, atEnd, deferred } from './factory-kit.ts';
import { until } from './guarded-server.ts';
import { ManualClock } from './manual-clock.ts';
import { type RawClient, TEXT, frame } from './raw-client.ts';

export type Leaving = readonly [how: string, leave: (client: RawClient, stage: AwaitStage) => void];

/** How a client ends while it waits. */
export const LEAVINGS: readonly Leaving[] = [
  ['a FIN', (client) => client.leave('fin')],
  ['a reset', (client) => client.leave('rst')],
  ['an error of its socket', (client, stage) => stage.break(client)],
];

export const FIN_BEHIND_BYTES: Leaving = [
  'a FIN behind early bytes',
  (client) => {
    client.socket.write(frame(TEXT, 'early'));
    client.leave('fin');
  },
];

export const OTHER = 'ben';

/** A stage whose time is moved by hand: nothing that it shows happened because time passed. */
export interface AwaitStage extends Stage {
  readonly clock: ManualClock;
  /** It is so without any time passing. */
  soon(isSo: () => boolean | Promise<boolean>, what: string): Promise<void>;
  /** It becomes so while time passes. */
  later(isSo: () => boolean | Promise<boolean>, what: string): Promise<void>;
  /** The socket that the server has of a client. */
  socketOf(client: RawClient): Socket;
  /** What no client can do: its socket fails on the side of the server. */
  break(client: RawClient): void;
  /** Nothing is held, no socket, listener or timer is left, and nothing was thrown that would end a process. */
  isDone(): Promise<void>;
}

export async function awaitStageOf(
  subject: Subject,
  behaviour: Behaviour,
  options: ManagerFactoryOptions = {},
): Promise<AwaitStage> {
  const clock = new ManualClock();
  const sockets = new Map<number | undefined, Socket>();
  const serve: Subject['serve'] = async (...parts) => {
    const served = await subject.serve(...parts);
    served.server.on('connection', (socket) => sockets.set(socket.remotePort, socket));
    return served;
  };
  const stage = await stageOf({ ...subject, serve }, behaviour, { clock, ...options });
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  const ends = ['unhandledRejection', 'uncaughtExceptionMonitor'] as const;
  for (const end of ends) process.on(end, onUnhandled);
  atEnd(async () => {
    for (const end of ends) process.off(end, onUnhandled);
    const closed = stage.factory.close();
    await clock.advance(2000);
    await closed;
  });
  const armedBefore = clock.armed;
  const looking =
    (passMs: number): AwaitStage['soon'] =>
    (isSo, what) =>
      until(
        async () => {
          await clock.advance(passMs);
          return isSo();
        },
        what,
        2000,
      );
  const [soon, later] = [looking(0), looking(100)];
  const socketOf = (client: RawClient): Socket => {
    const socket = sockets.get(client.socket.localPort);
    if (socket === undefined) throw new Error('the server has no such socket');
    return socket;
  };
  return Object.assign(stage, {
    clock,
    soon,
    later,
    socketOf,
    break: (client: RawClient) => socketOf(client).destroy(new Error('timed out')),
    isDone: async () => {
      await later(() => isEmpty(stage.factory, stage.guard), 'nothing is held');
      await later(async () => (await stage.socketCount()) === 0, 'no socket is left');
      await stage.nothingIsLeft();
      expect([unhandled, clock.armed]).toEqual([[], armedBefore]);
    },
  });
}

/** A client has left while it waited: its socket is gone as well, and nobody decides about it any more. */
export async function isForgotten(stage: AwaitStage, how: string, socketsLeft: number): Promise<void> {
  await stage.soon(() => stage.guard.pendingCount === 0, `${how}: nobody is decided about`);
  await stage.soon(async () => (await stage.socketCount()) === socketsLeft, `${how}: its socket is gone`);
}

/** Somebody is served, and leaves. */
export async function isServedAndLeaves(
  subject: Subject,
  stage: AwaitStage,
  user: string,
  client: RawClient,
  socketsLeft = 0,
): Promise<void> {
  await isServed(subject, client, 'still there');
  client.leave('fin');
  await stage.later(() => stage.factory.usage(user).held === 0, `${user} has left`);
  await stage.later(async () => (await stage.socketCount()) === socketsLeft, `the socket of ${user} is gone`);
}

export async function comesAndGoes(subject: Subject, stage: AwaitStage, user: string): Promise<void> {
  const socketsBefore = await stage.socketCount();
  await isServedAndLeaves(subject, stage, user, await stage.enter(user), socketsBefore);
}

/** Holds the first who comes by each name back, but never `ben`. */
export function holdingFirst(): {
  readonly hook: Hook;
  isReached(user: string): boolean;
  letGo(user: string, fails: boolean): void;
} {
  const gates = new Map<string, Deferred<void>>();
  return {
    hook: async (user) => {
      if (user === null || user === OTHER || gates.has(user)) return;
      const gate = deferred();
      gates.set(user, gate);
      await gate.promise;
    },
    isReached: (user) => gates.has(user),
    letGo: (user, fails) => {
      if (fails) gates.get(user)?.reject(new Error('too late'));
      else gates.get(user)?.resolve();
    },
  };
}

/** A quota whose store takes its time until the test lets it go on, by turns with its answer and with what it is asked to do; never with `ben`. */
export function heldBackQuota(): {
  readonly quota: Quota;
  readonly store: LeaseStore;
  readonly asked: string[];
  letGo(): void;
} {
  const quota = memoryQuota({ commandTimeoutMs: 10_000 });
  const { store } = quota;
  const asked: string[] = [];
  let gate = deferred();
  const acquire: LeaseStore['acquire'] = async (request) => {
    const { user } = request.owner;
    if (user === OTHER) return store.acquire(request);
    const isAnswerLate = asked.length % 2 === 0;
    asked.push(user);
    if (!isAnswerLate) await gate.promise;
    const answer = await store.acquire(request);
    if (isAnswerLate) await gate.promise;
    return answer;
  };
  const heldBack = new Proxy(store, {
    get: (_target, key) => {
      if (key === 'acquire') return acquire;
      const value: unknown = Reflect.get(store, key, store);
      return typeof value === 'function' ? (value.bind(store) as unknown) : value;
    },
  });
  return {
    quota: { ...quota, store: heldBack },
    store,
    asked,
    letGo: () => {
      gate.resolve();
      gate = deferred();
    },
  };
}
