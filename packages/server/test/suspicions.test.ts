import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { atEnd, Bench, deferred, recordEvents, type Recorded } from './factory-kit.ts';
import { guardedServer, until } from './guarded-server.ts';
import { createManagerFactory } from '../src/factory.ts';
import type { ManagerFactory } from '../src/manager-factory.ts';
import type { Manager } from '../src/manager.ts';
import type { Suspicion } from '../src/suspicion.ts';
import { Suspicions } from '../src/suspicions.ts';
import { resolveOptions } from '../src/resolve-options.ts';

const CHANNELS = ['watertight:leak:suspected', 'watertight:leak:recovered'] as const;

function suspicionsIn(events: readonly Recorded[], name: (typeof CHANNELS)[number]): readonly Suspicion[] {
  return events.filter((event) => event.name === name).map(({ payload }) => payload['suspicion'] as Suspicion);
}

/** Without what depends on the machine. */
function shape({ kind, user, name, place }: Suspicion): readonly string[] {
  return [kind, user, name, place.replace(/^.*\/(?=[^/]+$)/, '').replace(/:\d+$/, '')];
}

function byKind([one = '']: readonly string[], [other = '']: readonly string[]): number {
  return one.localeCompare(other);
}

test('[Q1, Q3] a manager that lives on is suspected once with the place it was admitted at, and withdrawn when it ends', async () => {
  const bench = new Bench({ warnAfterMs: 8000, stackSampleRate: 1, heartbeatIntervalMs: false });
  const events = recordEvents(CHANNELS);
  const { manager } = bench.session();
  await bench.clock.advance(8000);
  expect(events).toEqual([]);
  await bench.clock.advance(30_000);
  const [suspicion] = suspicionsIn(events, CHANNELS[0]);
  expect(events).toHaveLength(1);
  expect(suspicion).toMatchObject({ managerId: manager.id });
  expect(suspicion && shape(suspicion)).toEqual(['long-lived', 'ada', '', 'factory-kit.ts']);
  expect(bench.factory.stats().suspicions).toEqual({
    standing: 1,
    standingByKind: { 'long-lived': 1 },
    raised: 1,
    recovered: 0,
  });
  void manager.close();
  await bench.clock.advance(1000);
  expect(suspicionsIn(events, CHANNELS[1])).toEqual([suspicion]);
  expect(bench.factory.stats().suspicions).toMatchObject({ standing: 0, recovered: 1 });
});

test('[Q1] a manager without a connection is suspected, and withdrawn when it gets one', async () => {
  const bench = new Bench({ warnAfterMs: 8000, heartbeatIntervalMs: false });
  const events = recordEvents(CHANNELS);
  const manager = bench.manager();
  await bench.clock.advance(9000);
  const { peer } = bench.session('ben');
  expect(suspicionsIn(events, CHANNELS[0]).map(shape)).toEqual([['without-connection', 'ada', '', 'unknown']]);
  peer.connection.markGone();
  const later = bench.factory.connect({ ping: () => undefined, close: () => undefined, destroy: () => undefined });
  manager.attach(later);
  await bench.clock.advance(1000);
  expect(suspicionsIn(events, CHANNELS[1])).toHaveLength(1);
  later.markGone();
});

test('[Q2] what was not done by the deadline is suspected with name and place, and withdrawn when it is done', async () => {
  const bench = new Bench();
  const events = recordEvents(CHANNELS);
  const manager = bench.manager();
  const [hook, resource, work] = [deferred(), deferred(), deferred()];
  manager.defer(() => hook.promise, { name: 'hook' });
  class Pool {
    [Symbol.asyncDispose] = (): Promise<void> => resource.promise;
  }
  manager.use(new Pool());
  void manager.run(() => work.promise);
  void manager.destroy();
  await bench.clock.advance(500);
  expect(suspicionsIn(events, CHANNELS[0]).map(shape).toSorted(byKind)).toEqual([
    ['finalizer-overdue', 'ada', 'hook', 'suspicions.test.ts'],
    ['resource-outlived', 'ada', 'Pool', 'suspicions.test.ts'],
    ['work-outlived', 'ada', 'run', 'unknown'],
  ]);
  for (const { resolve } of [hook, resource, work]) resolve();
  await bench.clock.advance(0);
  expect(suspicionsIn(events, CHANNELS[1])).toHaveLength(3);
  expect(bench.factory.stats().suspicions.standing).toBe(0);
});

test('[Q2] what is done in time is never suspected', async () => {
  const bench = new Bench();
  const events = recordEvents(CHANNELS);
  const manager = bench.manager();
  manager.defer(async () => nextTurn());
  void manager.run(async () => nextTurn());
  void manager.close();
  await bench.clock.advance(1000);
  expect(events).toEqual([]);
});

test('[Q3] of ten admissions at a rate of 0.5 five are remembered', async () => {
  const bench = new Bench({ warnAfterMs: 1000, stackSampleRate: 0.5, heartbeatIntervalMs: false });
  const events = recordEvents(CHANNELS);
  bench.sessions(10);
  await bench.clock.advance(2000);
  const places = suspicionsIn(events, CHANNELS[0]).map(({ place }) => place !== 'unknown');
  expect(places.filter((isKnown) => isKnown)).toHaveLength(5);
});

test('[Q7] no more than a thousand are remembered, all are counted, and each that is remembered can be withdrawn', () => {
  const { options, hooks } = resolveOptions();
  const suspicions = new Suspicions({ options, clock: hooks.clock });
  const ids = Array.from({ length: 3000 }, () =>
    suspicions.raise({ kind: 'long-lived', user: 'ada', managerId: null, name: '', place: 'unknown' }),
  );
  expect(suspicions.stats()).toMatchObject({ standing: 1000, raised: 3000 });
  for (const id of ids) suspicions.withdraw(id);
  expect(suspicions.stats()).toMatchObject({ standing: 0, recovered: 1000 });
});

function developing(): ManagerFactory {
  const factory = createManagerFactory({ development: true, sweepIntervalMs: false, onError: () => undefined });
  atEnd(() => factory.close());
  return factory;
}

/** A manager whose code has run, and that has closed. */
async function life(factory: ManagerFactory, code: (manager: Manager) => unknown): Promise<Manager> {
  const admission = await factory.admit({ user: 'ada' }, { withoutConnection: true, init: code });
  if (!admission.admitted) throw new Error(admission.message);
  await admission.manager.close();
  return admission.manager;
}

test('[Q4] timers that code of a manager left running are suspected with their place, and withdrawn when they are stopped', async () => {
  const factory = developing();
  const events = recordEvents(CHANNELS);
  const timers: NodeJS.Timeout[] = [];
  const { id: managerId } = await life(factory, async (manager) => {
    manager.every(1000, () => undefined);
    clearTimeout(setTimeout(() => undefined, 1000));
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
    timers.push(setInterval(() => undefined, 1000));
    timers.push(setTimeout(() => undefined, 1000));
  });
  await until(() => events.length >= 2, 'both are suspected');
  const suspected = suspicionsIn(events, CHANNELS[0]);
  expect(suspected.map(shape)).toEqual([
    ['unregistered-timer', 'ada', 'timer', 'suspicions.test.ts'],
    ['unregistered-timer', 'ada', 'timer', 'suspicions.test.ts'],
  ]);
  expect(suspected.every((suspicion) => suspicion.managerId === managerId)).toBe(true);
  timers.forEach((timer) => clearTimeout(timer));
  await until(() => suspicionsIn(events, CHANNELS[1]).length === 2, 'both are withdrawn');
});

test('[Q5] listeners left on what others listen to are suspected with their place, and withdrawn when they are removed', async () => {
  const factory = developing();
  const events = recordEvents(CHANNELS);
  const news = new EventEmitter();
  const target = new EventTarget();
  const listener = (): void => undefined;
  news.on('story', () => undefined);
  target.addEventListener('story', () => undefined);
  await life(factory, (manager) => {
    manager.listen(news, 'story', () => undefined);
    news.once('story', () => undefined);
    new EventEmitter().on('own', listener);
    news.emit('story');
    news.on('left', listener);
    target.addEventListener('left', listener);
    target.addEventListener('once', listener, { once: true });
    target.addEventListener('with a signal', listener, { signal: manager.signal });
    target.addEventListener('not once', listener, { once: false, passive: true });
    news.on('removed', listener).off('removed', listener);
  });
  await until(() => events.length >= 2, 'both are suspected');
  await nextTurn();
  expect(suspicionsIn(events, CHANNELS[0]).map(shape)).toEqual([
    ['unregistered-listener', 'ada', "listener 'left'", 'suspicions.test.ts'],
    ['unregistered-listener', 'ada', "listener 'left'", 'suspicions.test.ts'],
    ['unregistered-listener', 'ada', "listener 'not once'", 'suspicions.test.ts'],
  ]);
  news.removeAllListeners('left');
  target.removeEventListener('left', listener);
  target.removeEventListener('not once', listener);
  expect(suspicionsIn(events, CHANNELS[1])).toHaveLength(3);
});

test('[Q5] the first to listen to what was there before is told of at once, and where nobody else listens, once somebody does', async () => {
  const old = new EventEmitter();
  const factory = developing();
  const events = recordEvents(CHANNELS);
  const young = new EventEmitter();
  const listener = (): void => undefined;
  await life(factory, (manager) => {
    old.on('old', listener);
    young.on('young', listener);
    young.on('taken away', listener).off('taken away', listener);
    const own = new EventEmitter().on('own', listener);
    manager.defer(() => void own.emit('own'));
  });
  await until(() => events.length >= 1, 'the listener on the old one is suspected');
  await nextTurn();
  expect(suspicionsIn(events, CHANNELS[0]).map(({ name }) => name)).toEqual(["listener 'old'"]);
  await life(factory, () => {
    young.once('young', listener);
    young.emit('young');
  });
  await until(() => events.length >= 2, 'the listener on the young one is suspected');
  await nextTurn();
  expect(suspicionsIn(events, CHANNELS[0]).map(shape)).toEqual([
    ['unregistered-listener', 'ada', "listener 'old'", 'suspicions.test.ts'],
    ['unregistered-listener', 'ada', "listener 'young'", 'suspicions.test.ts'],
  ]);
  old.removeAllListeners();
  young.removeAllListeners();
  expect(suspicionsIn(events, CHANNELS[1])).toHaveLength(2);
});

test('[Q4, Q5] over the wire: what the connection listener and message listeners leave is found, and nothing of ws or Node is suspected', async () => {
  const news = new EventEmitter();
  news.on('story', () => undefined);
  const timers: NodeJS.Timeout[] = [];
  atEnd(() => timers.forEach((timer) => clearTimeout(timer)));
  const events = recordEvents(CHANNELS);
  const served = await guardedServer({}, { development: true });
  served.wss.on('connection', (webSocket: EventEmitter, _request: unknown, manager: Manager) => {
    webSocket.on('close', () => undefined);
    manager.after(60_000, () => undefined);
    webSocket.on('message', () => {
      timers.push(setInterval(() => undefined, 60_000));
      news.on('story', () => undefined);
    });
  });
  const client = await served.client('ada');
  client.send('hello');
  await until(() => timers.length === 1, 'the message has arrived');
  client.close();
  await until(() => served.factory.stats().released.total === 1, 'it is released');
  await until(() => events.length >= 2, 'both are suspected');
  expect(suspicionsIn(events, CHANNELS[0]).map(shape)).toEqual([
    ['unregistered-timer', 'ada', 'timer', 'suspicions.test.ts'],
    ['unregistered-listener', 'ada', "listener 'story'", 'suspicions.test.ts'],
  ]);
});

test('[Q6] what development mode changes is as before when the last factory in it has closed', async () => {
  const now = (): unknown[] => [
    Reflect.get(EventEmitter, 'init'),
    EventEmitter.prototype.on,
    EventEmitter.prototype.off,
    EventTarget.prototype.addEventListener,
  ];
  const before = now();
  const [one, other] = [developing(), developing()];
  expect(now().some((method, index) => method === before[index])).toBe(false);
  await one.close();
  await one.close();
  expect(now().some((method, index) => method === before[index])).toBe(false);
  await other.close();
  expect(now()).toEqual(before);
  createManagerFactory({ sweepIntervalMs: false });
  expect(now()).toEqual(before);
});

test('[Q6] what others have put around ours stays when development mode ends, and ours notes nothing any more', async () => {
  const emitters = EventEmitter.prototype;
  const before = emitters.on;
  atEnd(() => {
    emitters.on = before;
  });
  const factory = developing();
  const ours = emitters.on;
  let heard = 0;
  const theirs: typeof ours = function on(this: EventEmitter, ...args) {
    heard += 1;
    return ours.apply(this, args);
  };
  emitters.on = theirs;
  await factory.close();
  expect(emitters.on).toBe(theirs);
  const emitter = new EventEmitter().on('said', () => (heard += 10));
  emitter.emit('said');
  expect(heard).toBe(11);
});

test('[Q8] development mode keeps no manager that has ended, and taking one listener off looks at no other', async () => {
  const factory = developing();
  const bus = new EventEmitter();
  bus.on('kept', () => undefined);
  let looks = 0;
  const rawListeners = bus.rawListeners.bind(bus);
  bus.rawListeners = (event) => {
    looks += 1;
    return rawListeners(event);
  };
  const listeners = Array.from({ length: 50 }, () => () => undefined);
  const ended = await (async () => {
    const first = await life(factory, () => {
      for (const listener of listeners) bus.on('story', listener);
    });
    return new WeakRef(first);
  })();
  looks = 0;
  for (const listener of listeners) bus.off('story', listener);
  expect(looks).toBeLessThanOrEqual(listeners.length);
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  await until(() => {
    collectGarbage();
    return ended.deref() === undefined;
  }, 'the manager that has ended is collected');
  expect(bus.listenerCount('kept')).toBe(1);
});
